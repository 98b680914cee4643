package dev.countersign.agent.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;

/**
 * An answer of the agent itself. The body says what the status says, or the id of a denial; never
 * why.
 *
 * @param status 400 to 599
 * @param field one more field without CRLF, or empty
 * @param body text
 */
record LocalResponse(int status, String field, String body) {
    static final String DENIED_FIELD = "x-countersign-denied";

    private static final int FORBIDDEN = 403;
    private static final int BAD_GATEWAY = 502;
    private static final int GATEWAY_TIMEOUT = 504;

    static LocalResponse denied(String id) {
        return new LocalResponse(FORBIDDEN, DENIED_FIELD + ": " + id, id);
    }

    static LocalResponse refused(HttpRefusal refusal) {
        return of(refusal.status());
    }

    static LocalResponse badGateway() {
        return of(BAD_GATEWAY);
    }

    static LocalResponse gatewayTimeout() {
        return of(GATEWAY_TIMEOUT);
    }

    private static LocalResponse of(int status) {
        return new LocalResponse(status, "", reason(status));
    }

    ByteBuf write(ByteBufAllocator buffers, boolean stays, boolean http10, boolean toHead) {
        StringBuilder text = new StringBuilder("HTTP/1.1 ");
        text.append(status).append(' ').append(reason(status)).append("\r\n");
        text.append("content-type: text/plain\r\ncontent-length: ").append(body.length() + 1);
        text.append("\r\n");
        if (!field.isEmpty()) {
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
            case 403 -> "Forbidden";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Timeout";
            case 417 -> "Expectation Failed";
            case 502 -> "Bad Gateway";
            case 504 -> "Gateway Timeout";
            default -> "Error";
        };
    }
}
