package dev.countersign.agent.proxy.http;

/** Whom a request is for: a host, a port perhaps, and nothing else (RFC 9110 section 7.2). */
public final class Authority {
    private static final int MAX_PORT_DIGITS = 5;

    private Authority() {}

    /** Whether it is {@code host} or {@code host:port}, an IPv6 address in brackets; may be empty. */
    public static boolean isValid(byte[] b, int start, int end) {
        int at = start;
        if (at < end && b[at] == '[') {
            at++;
            while (at < end && (HttpChars.hex(b[at]) >= 0 || b[at] == ':' || b[at] == '.')) {
                at++;
            }
            at = at < end && b[at] == ']' ? at + 1 : start;
        } else {
            while (at < end && HttpChars.isHost(b[at])) {
                at++;
            }
        }
        if (at < end && b[at] == ':' && at > start) {
            int digits = at + 1;
            at++;
            while (at < end && HttpChars.isDigit(b[at]) && at - digits < MAX_PORT_DIGITS) {
                at++;
            }
        }
        return at == end;
    }
}
