/** What is told of traffic. */
@NullMarked
package dev.countersign.agent.proxy.traffic;

import org.jspecify.annotations.NullMarked;
