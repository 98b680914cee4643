package dev.countersign.agent.proxy.http2;

import dev.countersign.agent.provider.HeaderField;
import dev.countersign.agent.proxy.http.AddedFields;
import dev.countersign.agent.proxy.http.Authority;
import dev.countersign.agent.proxy.http.CookiePairs;
import dev.countersign.agent.proxy.http.HttpChars;
import dev.countersign.agent.proxy.http.HttpRefusal;
import dev.countersign.agent.proxy.http.HttpRefused;
import dev.countersign.agent.proxy.http.Query;
import dev.countersign.agent.proxy.http.RequestHead;
import dev.countersign.policy.HeaderLookup;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One request head of HTTP/2: the header list itself, checked, which is matched and then forwarded.
 * Belongs to one stream.
 */
final class Http2RequestHead implements RequestHead {
    private static final int MAX_METHOD = 32;
    private static final String COOKIE = "cookie";
    private static final AsciiString GRPC = AsciiString.cached("application/grpc");

    private final Http2Headers headers;
    private final String method;
    private final String host;
    private String path = "";
    private String query = "";

    private Http2RequestHead(Http2Headers headers, String method, String host) {
        this.headers = headers;
        this.method = method;
        this.host = host;
    }

    /**
     * Takes over a header list.
     *
     * @throws HttpRefused when it is not a request that everybody reads alike
     */
    static Http2RequestHead of(Http2Headers headers) throws HttpRefused {
        Http2Fields.clean(headers, true);
        if (headers.status() != null) {
            throw new HttpRefused(HttpRefusal.BAD_PSEUDO_FIELD, ":status: in a request");
        }
        if (headers.contains(Http2Headers.PseudoHeaderName.PROTOCOL.value())) {
            throw new HttpRefused(
                    HttpRefusal.BAD_PSEUDO_FIELD, ":protocol: never offered (RFC 8441)");
        }
        String method = method(headers.method());
        Http2RequestHead head = new Http2RequestHead(headers, method, authority(headers));
        if (method.equals(CONNECT)) {
            head.checkConnect();
        } else {
            checkScheme(headers.scheme());
            head.parsePath(headers.path());
        }
        checkExpect(headers);
        return head;
    }

    /** What is forwarded. */
    Http2Headers headers() {
        return headers;
    }

    boolean isGrpc() {
        CharSequence type = headers.get(HttpHeaderNames.CONTENT_TYPE);
        return type != null && AsciiString.of(type).startsWith(GRPC);
    }

    boolean toHead() {
        return method.equals("HEAD");
    }

    /** RFC 9110 section 9.2.1. */
    boolean safe() {
        return switch (method) {
            case "GET", "HEAD", "OPTIONS", "TRACE" -> true;
            default -> false;
        };
    }

    void add(AddedFields added) {
        List<HeaderField> fields = added.fields();
        for (int i = 0; i < fields.size(); i++) {
            headers.add(fields.get(i).name(), fields.get(i).value());
        }
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
        headers.path(target());
    }

    @Override
    public String target() {
        return query.isEmpty() ? path : path + query;
    }

    @Override
    public String query() {
        return query;
    }

    @Override
    public void dropParameter(String name) {
        query = Query.without(query, name);
        headers.path(target());
    }

    @Override
    public List<String> fieldLines(String name) {
        List<String> lines = new ArrayList<>();
        headers.getAll(lower(name)).forEach(value -> lines.add(value.toString()));
        return lines;
    }

    @Override
    public void drop(String name) {
        headers.remove(lower(name));
    }

    @Override
    public void dropCookie(String name) {
        List<CharSequence> values = headers.getAllAndRemove(COOKIE);
        for (CharSequence value : values) {
            byte[] pairs = AsciiString.of(value).toByteArray();
            int end = CookiePairs.without(pairs, 0, pairs.length, name);
            if (end > 0) {
                headers.add(COOKIE, new AsciiString(pairs, 0, end, true));
            }
        }
    }

    @Override
    public @Nullable String field(String name) {
        CharSequence first = headers.get(name);
        if (first == null) {
            return null;
        }
        List<CharSequence> all = headers.getAll(name);
        return all.size() == 1
                ? first.toString()
                : String.join(name.equals(COOKIE) ? "; " : ",", all);
    }

    @Override
    public void forEachField(BiConsumer<String, String> visitor) {
        headers.forEach(field -> {
            String name = field.getKey().toString();
            if (!name.startsWith(":")) {
                visitor.accept(name, field.getValue().toString());
            }
        });
    }

    @Override
    public HeaderLookup lastingFields() {
        return this::field;
    }

    private static String method(@Nullable CharSequence sent) throws HttpRefused {
        if (sent == null || sent.isEmpty() || sent.length() > MAX_METHOD) {
            throw new HttpRefused(
                    HttpRefusal.BAD_METHOD, ":method: " + sent + " (expected: a token)");
        }
        for (int i = 0; i < sent.length(); i++) {
            if (!HttpChars.isToken((byte) sent.charAt(i))) {
                throw new HttpRefused(
                        HttpRefusal.BAD_METHOD, ":method: " + sent + " (expected: a token)");
            }
        }
        return sent.toString();
    }

    /** One authority, wherever it was said; it goes on as {@code :authority}. */
    private static String authority(Http2Headers headers) throws HttpRefused {
        CharSequence authority = headers.authority();
        List<CharSequence> hosts = headers.getAll(HttpHeaderNames.HOST);
        if (hosts.size() > 1) {
            throw new HttpRefused(HttpRefusal.HOST_SEVERAL, "host: several (expected: one)");
        }
        if (!hosts.isEmpty()) {
            CharSequence host = hosts.getFirst();
            if (authority != null && !AsciiString.contentEqualsIgnoreCase(authority, host)) {
                throw new HttpRefused(
                        HttpRefusal.HOST_DISAGREES,
                        "host: " + host + " (expected: as in :authority: " + authority + ")");
            }
            headers.remove(HttpHeaderNames.HOST);
            authority = host;
        }
        if (authority == null || authority.isEmpty()) {
            throw new HttpRefused(HttpRefusal.HOST_MISSING, ":authority: none (expected: one)");
        }
        AsciiString bytes = AsciiString.of(authority);
        int start = bytes.arrayOffset();
        if (!Authority.isValid(bytes.array(), start, start + bytes.length())) {
            throw new HttpRefused(
                    HttpRefusal.BAD_HOST,
                    ":authority: " + authority + " (expected: host or host:port)");
        }
        if (headers.authority() == null) {
            // Only now: an empty one is none that can be set.
            headers.authority(authority);
        }
        return headers.authority().toString();
    }

    private static void checkScheme(@Nullable CharSequence scheme) throws HttpRefused {
        if (scheme == null
                || !(AsciiString.contentEquals("http", scheme)
                        || AsciiString.contentEquals("https", scheme))) {
            throw new HttpRefused(
                    HttpRefusal.BAD_PSEUDO_FIELD,
                    ":scheme: " + scheme + " (expected: http or https)");
        }
    }

    /** RFC 9113 section 8.5. The tunnel is decided once, as a request for no path. */
    private void checkConnect() throws HttpRefused {
        if (headers.scheme() != null || headers.path() != null) {
            throw new HttpRefused(
                    HttpRefusal.BAD_PSEUDO_FIELD,
                    "CONNECT: with :scheme or :path (expected: :authority alone)");
        }
        if (headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
            throw new HttpRefused(
                    HttpRefusal.CONNECT_REFUSED, "CONNECT: with content-length (expected: none)");
        }
    }

    private void parsePath(@Nullable CharSequence sent) throws HttpRefused {
        String target = sent == null ? "" : sent.toString();
        boolean asterisk = target.equals("*") && method.equals("OPTIONS");
        if (!asterisk && !target.startsWith("/")) {
            throw new HttpRefused(
                    HttpRefusal.BAD_TARGET, ":path: " + target + " (expected: /path)");
        }
        int queryAt = -1;
        int end = target.length();
        for (int i = 0; i < end; i++) {
            char c = target.charAt(i);
            if (c > 0x7f || !HttpChars.isTarget((byte) c)) {
                throw new HttpRefused(
                        HttpRefusal.BAD_TARGET,
                        ":path: character " + (int) c + " (expected: visible ASCII)");
            }
            if (c == '#') {
                end = i;
            } else if (c == '?' && queryAt < 0) {
                queryAt = i;
            }
        }
        if (end < target.length()) {
            headers.path(target.substring(0, end));
        }
        path = target.substring(0, queryAt < 0 ? end : queryAt);
        query = queryAt < 0 ? "" : target.substring(queryAt, end);
    }

    private static void checkExpect(Http2Headers headers) throws HttpRefused {
        for (CharSequence expect : headers.getAll(HttpHeaderNames.EXPECT)) {
            if (!AsciiString.contentEqualsIgnoreCase(expect, "100-continue")) {
                throw new HttpRefused(
                        HttpRefusal.EXPECTATION_UNKNOWN,
                        "expect: " + expect + " (expected: 100-continue)");
            }
        }
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
