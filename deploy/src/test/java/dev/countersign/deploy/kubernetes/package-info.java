/** What the server puts into pods, read by the agent that is started there. */
@NullMarked
package dev.countersign.deploy.kubernetes;

import org.jspecify.annotations.NullMarked;
