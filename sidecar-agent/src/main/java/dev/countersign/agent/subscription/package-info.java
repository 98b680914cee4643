/** What the control plane tells this agent: policies, bundle, deny list; kept across restarts. */
@NullMarked
package dev.countersign.agent.subscription;

import org.jspecify.annotations.NullMarked;
