package dev.countersign.agent.proxy.http;

/** How the end of a body is known (RFC 9112 section 6.3). */
enum BodyFraming {
    NONE,
    LENGTH,
    CHUNKED,
    UNTIL_CLOSE
}
