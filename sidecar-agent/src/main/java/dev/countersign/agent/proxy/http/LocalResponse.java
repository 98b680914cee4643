package dev.countersign.agent.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;

/**
 * An answer of the agent itself. The body says what the status says, or the id of a denial; never
 * why.
 *
 * @param status 400 to 599
 * @param fields more fields without CRLF
 * @param body text in ASCII
 */
public record LocalResponse(int status, List<String> fields, String body) {
    public static final String DENIED_FIELD = "x-countersign-denied";

    static final String OVERLOADED_FIELD = "x-countersign-overloaded";

    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int BAD_GATEWAY = 502;
    private static final int UNAVAILABLE = 503;
    private static final int GATEWAY_TIMEOUT = 504;

    public LocalResponse {
        fields = List.copyOf(fields);
    }

    /** By a policy. */
    public static LocalResponse denied(String id) {
        return denied(id, FORBIDDEN, List.of(), "");
    }

    /**
     * By a policy that leaves the words to somebody else.
     *
     * @param fields more fields without CRLF, checked by the caller
     * @param body in ASCII; empty: the id
     */
    public static LocalResponse denied(String id, int status, List<String> fields, String body) {
        List<String> all = new ArrayList<>(fields);
        all.add(DENIED_FIELD + ": " + id);
        return new LocalResponse(status, all, body.isEmpty() ? id : body);
    }

    /**
     * For a token that is not good (RFC 6750 section 3).
     *
     * @param challenge the value of {@code www-authenticate}
     */
    public static LocalResponse unauthorized(String id, String challenge) {
        return denied(id, UNAUTHORIZED, List.of("www-authenticate: " + challenge), "");
    }

    public static LocalResponse refused(HttpRefusal refusal) {
        return of(refusal.status());
    }

    public static LocalResponse badGateway() {
        return of(BAD_GATEWAY);
    }

    public static LocalResponse gatewayTimeout() {
        return of(GATEWAY_TIMEOUT);
    }

    /**
     * Nothing is wrong with the request: there is no room for it.
     *
     * @param what is full, in ASCII; the caller may know
     */
    public static LocalResponse overloaded(String what) {
        return new LocalResponse(
                UNAVAILABLE, List.of(OVERLOADED_FIELD + ": " + what), reason(UNAVAILABLE));
    }

    private static LocalResponse of(int status) {
        return new LocalResponse(status, List.of(), reason(status));
    }

    ByteBuf write(ByteBufAllocator buffers, boolean stays, boolean http10, boolean toHead) {
        StringBuilder text = new StringBuilder("HTTP/1.1 ");
        text.append(status).append(' ').append(reason(status)).append("\r\n");
        text.append("content-type: text/plain\r\ncontent-length: ").append(body.length() + 1);
        text.append("\r\n");
        for (String field : fields) {
            text.append(field).append("\r\n");
        }
        if (!stays) {
            text.append("Connection: close\r\n");
        } else if (http10) {
            text.append("Connection: keep-alive\r\n");
        }
        text.append("\r\n");
        if (!toHead) {
            text.append(body).append('\n');
        }
        ByteBuf out = buffers.directBuffer(text.length());
        ByteBufUtil.writeAscii(out, text);
        return out;
    }

    private static String reason(int status) {
        return switch (status) {
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Timeout";
            case 417 -> "Expectation Failed";
            case 429 -> "Too Many Requests";
            case 500 -> "Internal Server Error";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            default -> "Error";
        };
    }
}
