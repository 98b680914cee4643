package dev.countersign.agent.ca;

import dev.countersign.wire.v1.ErrorDetail;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the server says no.
 *
 * @param reason stable code
 * @param message value and expectation, as the server wrote it
 * @param retryAfter when the server wants to be asked again
 */
public record ServerRefusal(String reason, String message, Optional<Duration> retryAfter) {
    /** A stream's certificate is denied: the server wants another, by token. */
    public static final String SUBSCRIBER_DENIED = "SUBSCRIBER_DENIED";

    private static final Metadata.Key<ErrorDetail> ERROR =
            Metadata.Key.of(
                    "countersign-error-bin",
                    ProtoUtils.metadataMarshaller(ErrorDetail.getDefaultInstance()));
    private static final int SHOWN = 300;

    /** Empty: it was not the server that ended the call, or it gave no reason. */
    public static Optional<ServerRefusal> of(Throwable failure) {
        Metadata trailers = Status.trailersFromThrowable(failure);
        @Nullable ErrorDetail detail = trailers == null ? null : trailers.get(ERROR);
        if (detail == null) {
            return Optional.empty();
        }
        return Optional.of(
                new ServerRefusal(
                        shown(detail.getReason()),
                        shown(detail.getMessage()),
                        detail.getRetryAfterMillis() > 0
                                ? Optional.of(Duration.ofMillis(detail.getRetryAfterMillis()))
                                : Optional.empty()));
    }

    /** Bounded and freed of control characters: text from outside must not forge a log line. */
    static String shown(String text) {
        String cut = text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
