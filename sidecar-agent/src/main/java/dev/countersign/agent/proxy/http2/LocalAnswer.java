package dev.countersign.agent.proxy.http2;

import dev.countersign.agent.proxy.http.LocalResponse;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * An answer of the agent itself, in the words of who asked: a gRPC client gets a status and no body,
 * in one header block (gRPC over HTTP/2, "Trailers-Only").
 *
 * @param body empty for gRPC and for HEAD
 * @param status of HTTP, as told
 * @param grpcStatus -1 where the caller does not speak gRPC
 */
record LocalAnswer(Http2Headers headers, byte[] body, int status, int grpcStatus) {
    private static final String GRPC_STATUS = "grpc-status";
    private static final String GRPC_MESSAGE = "grpc-message";
    private static final byte[] NONE = {};
    private static final int OK = 200;

    static LocalAnswer of(LocalResponse response, boolean grpc, boolean toHead) {
        return grpc ? grpc(response) : http(response, toHead);
    }

    /** Ends a gRPC stream whose response has begun. */
    static Http2Headers trailers(LocalResponse response) {
        Http2Headers trailers = new DefaultHttp2Headers(false);
        addStatus(trailers, response);
        addFields(trailers, response);
        return trailers;
    }

    private static LocalAnswer http(LocalResponse response, boolean toHead) {
        byte[] body = (response.body() + "\n").getBytes(StandardCharsets.US_ASCII);
        Http2Headers headers = new DefaultHttp2Headers(false);
        headers.status(Integer.toString(response.status()));
        headers.add("content-type", "text/plain");
        headers.add("content-length", Integer.toString(body.length));
        addFields(headers, response);
        return new LocalAnswer(headers, toHead ? NONE : body, response.status(), -1);
    }

    private static LocalAnswer grpc(LocalResponse response) {
        Http2Headers headers = new DefaultHttp2Headers(false);
        headers.status(Integer.toString(OK));
        headers.add("content-type", "application/grpc");
        addStatus(headers, response);
        addFields(headers, response);
        return new LocalAnswer(headers, NONE, OK, grpcStatus(response.status()));
    }

    private static void addStatus(Http2Headers headers, LocalResponse response) {
        headers.add(GRPC_STATUS, Integer.toString(grpcStatus(response.status())));
        headers.add(GRPC_MESSAGE, percentEncoded(message(response)));
    }

    private static String message(LocalResponse response) {
        String denied = LocalResponse.DENIED_FIELD + ": ";
        return response.fields().stream()
                .filter(field -> field.startsWith(denied))
                .findFirst()
                .map(field -> "RBAC: access denied, id " + field.substring(denied.length()))
                .orElse(response.body());
    }

    /** As the gRPC documentation maps statuses of HTTP; a denial is PERMISSION_DENIED. */
    private static int grpcStatus(int status) {
        return switch (status) {
            case 400 -> 13;
            case 401 -> 16;
            case 403 -> 7;
            case 404, 405 -> 12;
            case 429, 502, 503, 504 -> 14;
            default -> 2;
        };
    }

    private static void addFields(Http2Headers headers, LocalResponse response) {
        for (String field : response.fields()) {
            int colon = field.indexOf(':');
            headers.add(
                    field.substring(0, colon).toLowerCase(Locale.ROOT),
                    field.substring(colon + 1).strip());
        }
    }

    private static String percentEncoded(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b >= ' ' && b < 0x7f && b != '%') {
                encoded.append((char) b);
            } else {
                encoded.append(String.format(Locale.ROOT, "%%%02X", b));
            }
        }
        return encoded.toString();
    }
}
