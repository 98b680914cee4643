/** Tests of the strict HTTP/1.1 parsers, without sockets. */
@NullMarked
package dev.countersign.agent.proxy.http2;

import org.jspecify.annotations.NullMarked;
