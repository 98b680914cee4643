/** Sockets, their number, and what is short. */
@NullMarked
package dev.countersign.agent.proxy.connection;

import org.jspecify.annotations.NullMarked;
