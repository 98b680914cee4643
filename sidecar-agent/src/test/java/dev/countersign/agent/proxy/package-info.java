/** Tests of the data plane over real sockets and real TLS. */
@NullMarked
package dev.countersign.agent.proxy;

import org.jspecify.annotations.NullMarked;
