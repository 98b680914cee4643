package dev.countersign.agent.proxy.http;

import dev.countersign.policy.HeaderLookup;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One request head of HTTP/1, parsed strictly (RFC 9112): whatever an application might read
 * differently is refused, never repaired. Belongs to an event loop and is used again for the next
 * head.
 */
final class Http1RequestHead implements RequestHead {
    static final int MAX_METHOD = 32;
    private static final int MAX_PORT = 0xffff;
    private static final byte[] CONTINUE = ascii("100-continue");
    private static final byte[] VERSION = ascii("HTTP/1.");
    private static final byte[] END_OF_LINE = ascii(" HTTP/1.1\r\n");
    private static final byte[] EMPTY_HOST = ascii("Host: \r\n");
    private static final byte[] HTTP = ascii("http://");
    private static final byte[] HTTPS = ascii("https://");
    private static final String[] METHODS = {
        "GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS", "TRACE", CONNECT
    };

    private final HeadBuffer buffer = new HeadBuffer();
    private final HttpFields fields = new HttpFields(true);
    private String method = "";
    private String host = "";
    private String path = "";
    private int pathStart;
    private int pathEnd;
    private int queryStart;
    private int queryEnd;
    private @Nullable String otherQuery;
    private boolean http10;

    /** Parses a complete head of {@code length} bytes off {@code in}. */
    void parse(ByteBuf in, int length) throws HttpRefused {
        buffer.take(in, length);
        byte[] b = buffer.bytes();
        int at = parseMethod(b);
        int targetStart = at;
        while (HttpChars.isTarget(b[at])) {
            at++;
        }
        if (b[at] != ' ' || at == targetStart) {
            throw HttpFields.refused(
                    HttpRefusal.BAD_TARGET,
                    "request target: byte " + b[at] + " (expected: visible ASCII)");
        }
        int targetEnd = at;
        at = parseVersion(b, at + 1);
        fields.parse(b, at, length - 2);
        checkHost(b);
        checkExpect();
        if (http10 && fields.chunked()) {
            throw HttpFields.refused(
                    HttpRefusal.BAD_TRANSFER_ENCODING, "Transfer-Encoding: in HTTP/1.0");
        }
        if (isConnect()) {
            parseAuthority(b, targetStart, targetEnd);
            return;
        }
        parseTarget(b, targetStart, targetEnd);
        path = pathStart == pathEnd ? "/" : string(path, pathStart, pathEnd);
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String host() {
        return host;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public void usePath(String normalised) {
        path = normalised;
    }

    @Override
    public String target() {
        return path + query();
    }

    @Override
    public String query() {
        String other = otherQuery;
        return other != null ? other : fields.text(queryStart, queryEnd);
    }

    @Override
    public void dropParameter(String name) {
        otherQuery = Query.without(query(), name);
    }

    @Override
    public void dropCookie(String name) {
        fields.dropCookie(name);
    }

    @Override
    public List<String> fieldLines(String name) {
        return fields.lines(name);
    }

    @Override
    public void drop(String name) {
        fields.drop(name);
    }

    @Override
    public @Nullable String field(String name) {
        return fields.get(name);
    }

    @Override
    public void forEachField(BiConsumer<String, String> visitor) {
        fields.forEach(visitor);
    }

    @Override
    public HeaderLookup lastingFields() {
        Map<String, String> copy = new HashMap<>();
        fields.forEach((name, value) -> copy.merge(name, value, (a, b) -> a + "," + b));
        return copy::get;
    }

    boolean http10() {
        return http10;
    }

    /** Whether the client wants the connection kept (RFC 9112 section 9.3). */
    boolean keepAlive() {
        return http10 ? fields.keepAlive() && !fields.close() : !fields.close();
    }

    boolean expectsContinue() {
        return fields.hasExpect();
    }

    BodyFraming framing() {
        if (fields.chunked()) {
            return BodyFraming.CHUNKED;
        }
        return fields.contentLength() > 0 ? BodyFraming.LENGTH : BodyFraming.NONE;
    }

    long contentLength() {
        return fields.contentLength();
    }

    /** RFC 9110 section 9.2.1. */
    boolean safe() {
        return switch (method) {
            case "GET", "HEAD", "OPTIONS", "TRACE" -> true;
            default -> false;
        };
    }

    /**
     * The protocol to change to; empty when none is asked for, when a body comes first, or when the
     * new protocol would carry requests that nobody decides (HTTP itself, TLS).
     */
    Optional<String> upgrade() {
        if (http10 || isConnect() || framing() != BodyFraming.NONE) {
            return Optional.empty();
        }
        return fields.upgrade().filter(Http1RequestHead::isOpaque);
    }

    /** Writes the head as it goes on. */
    void writeTo(ByteBuf out, AddedFields added, Optional<String> upgrade) {
        out.writeCharSequence(method, StandardCharsets.US_ASCII);
        out.writeByte(' ');
        out.writeCharSequence(isConnect() ? host : path, StandardCharsets.ISO_8859_1);
        String other = otherQuery;
        if (other == null) {
            out.writeBytes(buffer.bytes(), queryStart, queryEnd - queryStart);
        } else {
            out.writeCharSequence(other, StandardCharsets.ISO_8859_1);
        }
        out.writeBytes(END_OF_LINE);
        fields.writeTo(out);
        if (fields.hosts() == 0) {
            out.writeBytes(EMPTY_HOST);
        }
        out.writeBytes(added.lines());
        if (upgrade.isPresent()) {
            out.writeCharSequence(
                    "Connection: upgrade\r\nUpgrade: " + upgrade.get() + "\r\n",
                    StandardCharsets.US_ASCII);
        }
        out.writeByte('\r').writeByte('\n');
    }

    /** An upper bound of what {@link #writeTo} writes, beside added fields. */
    int size() {
        return buffer.length() + path.length() + END_OF_LINE.length + EMPTY_HOST.length;
    }

    private int parseMethod(byte[] b) throws HttpRefused {
        int at = 0;
        while (HttpChars.isToken(b[at]) && at <= MAX_METHOD) {
            at++;
        }
        if (b[at] != ' ' || at == 0) {
            throw HttpFields.refused(
                    at == 0 ? HttpRefusal.BAD_REQUEST_LINE : HttpRefusal.BAD_METHOD,
                    "method: byte " + b[at] + " at " + at + " (expected: a token and a space)");
        }
        method = methodName(b, at);
        return at + 1;
    }

    private int parseVersion(byte[] b, int start) throws HttpRefused {
        for (int i = 0; i < VERSION.length; i++) {
            if (b[start + i] != VERSION[i]) {
                throw badVersion();
            }
        }
        int at = start + VERSION.length;
        if ((b[at] != '0' && b[at] != '1') || b[at + 1] != '\r' || b[at + 2] != '\n') {
            throw badVersion();
        }
        http10 = b[at] == '0';
        return at + 3;
    }

    private static HttpRefused badVersion() {
        return HttpFields.refused(
                HttpRefusal.BAD_VERSION, "version: other (expected: HTTP/1.0 or HTTP/1.1)");
    }

    private void checkHost(byte[] b) throws HttpRefused {
        if (fields.hosts() > 1) {
            throw HttpFields.refused(HttpRefusal.HOST_SEVERAL, "Host: several (expected: one)");
        }
        if (fields.hosts() == 0) {
            if (!http10) {
                throw HttpFields.refused(HttpRefusal.HOST_MISSING, "Host: none (expected: one)");
            }
            host = "";
            return;
        }
        if (!Authority.isValid(b, fields.hostStart(), fields.hostEnd())) {
            throw HttpFields.refused(
                    HttpRefusal.BAD_HOST,
                    "Host: "
                            + fields.text(fields.hostStart(), fields.hostEnd())
                            + " (expected: host or host:port)");
        }
        host = string(host, fields.hostStart(), fields.hostEnd());
    }

    private void checkExpect() throws HttpRefused {
        if (fields.hasExpect() && !fields.expectIs(CONTINUE)) {
            throw HttpFields.refused(
                    HttpRefusal.EXPECTATION_UNKNOWN, "Expect: other (expected: 100-continue)");
        }
    }

    private void parseTarget(byte[] b, int start, int end) throws HttpRefused {
        int from = start;
        if (b[start] != '/' && !isAsterisk(b, start, end)) {
            from = skipAuthority(b, start, end);
        }
        int at = from;
        while (at < end && b[at] != '?' && b[at] != '#') {
            at++;
        }
        otherQuery = null;
        pathStart = from;
        pathEnd = at;
        queryStart = at;
        while (at < end && b[at] != '#') {
            at++;
        }
        queryEnd = at;
    }

    /**
     * Authority form (RFC 9112 section 3.2.3): host and port, as in Host, and nothing else; where a
     * body could begin, somebody might take the tunnel's bytes for it, or it for the tunnel's.
     */
    private void parseAuthority(byte[] b, int start, int end) throws HttpRefused {
        if (http10 || fields.chunked() || fields.contentLength() >= 0 || fields.hasExpect()) {
            throw HttpFields.refused(
                    HttpRefusal.CONNECT_REFUSED,
                    "CONNECT: in HTTP/1.0, or with Content-Length, Transfer-Encoding or Expect"
                            + " (expected: HTTP/1.1 and none of them)");
        }
        if (!Authority.isValid(b, start, end) || !hasPort(b, start, end)) {
            throw HttpFields.refused(
                    HttpRefusal.BAD_TARGET,
                    "request target: " + fields.text(start, end) + " (expected: host:port)");
        }
        if (!fields.text(start, end).equalsIgnoreCase(host)) {
            throw disagrees(start, end);
        }
        otherQuery = null;
        path = "";
        queryStart = end;
        queryEnd = end;
    }

    private static boolean hasPort(byte[] b, int start, int end) {
        int port = 0;
        int at = end;
        for (int unit = 1; at > start && HttpChars.isDigit(b[at - 1]); unit *= 10) {
            at--;
            port += unit * (b[at] - '0');
        }
        return at > start + 1 && b[at - 1] == ':' && port > 0 && port <= MAX_PORT;
    }

    private HttpRefused disagrees(int start, int end) {
        return HttpFields.refused(
                HttpRefusal.HOST_DISAGREES,
                "request target: "
                        + fields.text(start, end)
                        + " (expected: as in Host: "
                        + host
                        + ")");
    }

    private boolean isAsterisk(byte[] b, int start, int end) {
        return end - start == 1 && b[start] == '*' && method.equals("OPTIONS");
    }

    /** Absolute form: what it names must be what Host names. */
    private int skipAuthority(byte[] b, int start, int end) throws HttpRefused {
        int from = startsWith(b, start, end, HTTP);
        from = from < 0 ? startsWith(b, start, end, HTTPS) : from;
        if (from < 0) {
            throw HttpFields.refused(
                    HttpRefusal.BAD_TARGET,
                    "request target: " + fields.text(start, end) + " (expected: /path)");
        }
        int at = from;
        while (at < end && b[at] != '/' && b[at] != '?' && b[at] != '#') {
            at++;
        }
        if (at == from || !fields.text(from, at).equalsIgnoreCase(host)) {
            throw disagrees(from, at);
        }
        return at;
    }

    private static int startsWith(byte[] b, int start, int end, byte[] prefix) {
        if (end - start < prefix.length) {
            return -1;
        }
        for (int i = 0; i < prefix.length; i++) {
            byte c = b[start + i];
            if ((c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != prefix[i]) {
                return -1;
            }
        }
        return start + prefix.length;
    }

    private static boolean isOpaque(String protocol) {
        String name = protocol.toLowerCase(Locale.ROOT);
        boolean token = !name.isEmpty() && name.chars().allMatch(c -> isProtocolChar((byte) c));
        return token
                && !name.startsWith("h2")
                && !name.startsWith("h3")
                && !name.startsWith("http")
                && !name.startsWith("tls");
    }

    private static boolean isProtocolChar(byte c) {
        return HttpChars.isToken(c) || c == '/';
    }

    private static String methodName(byte[] b, int length) {
        for (String known : METHODS) {
            if (known.length() == length && sameAscii(known, b, 0)) {
                return known;
            }
        }
        return new String(b, 0, length, StandardCharsets.US_ASCII);
    }

    /** The same string again when the bytes are the same: most requests repeat the last one. */
    private String string(String last, int start, int end) {
        return last.length() == end - start && sameAscii(last, buffer.bytes(), start)
                ? last
                : fields.text(start, end);
    }

    private static boolean sameAscii(String text, byte[] b, int start) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) != (b[start + i] & 0xff)) {
                return false;
            }
        }
        return true;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
