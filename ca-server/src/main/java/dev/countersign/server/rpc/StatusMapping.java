package dev.countersign.server.rpc;

import com.google.protobuf.Any;
import com.google.rpc.RetryInfo;
import dev.countersign.server.issuance.IssuanceRefused;
import dev.countersign.wire.v1.ErrorDetail;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;

/** The only place where refusals become status codes. */
final class StatusMapping {
    private static final Metadata.Key<ErrorDetail> ERROR =
            Metadata.Key.of(
                    "countersign-error" + Metadata.BINARY_HEADER_SUFFIX,
                    ProtoUtils.metadataMarshaller(ErrorDetail.getDefaultInstance()));

    private StatusMapping() {}

    static StatusRuntimeException toStatus(IssuanceRefused refused) {
        Status.Code code =
                switch (refused.kind()) {
                    case UNAUTHENTICATED -> Status.Code.UNAUTHENTICATED;
                    case INVALID -> Status.Code.INVALID_ARGUMENT;
                    case FORBIDDEN -> Status.Code.PERMISSION_DENIED;
                    case OVER_BUDGET -> Status.Code.RESOURCE_EXHAUSTED;
                    case UNAVAILABLE -> Status.Code.UNAVAILABLE;
                    case INTERNAL -> Status.Code.INTERNAL;
                };
        // A fault of ours is described in our log, not to a caller.
        String message =
                refused.kind() == IssuanceRefused.Kind.INTERNAL
                        ? "internal fault"
                        : String.valueOf(refused.getMessage());
        return refusal(code, refused.reason(), message, refused.retryAfter());
    }

    /** A status with a stable reason; {@code retryAfter} zero = do not retry unchanged. */
    static StatusRuntimeException refusal(
            Status.Code code, String reason, String message, Duration retryAfter) {
        ErrorDetail detail =
                ErrorDetail.newBuilder()
                        .setReason(reason)
                        .setMessage(message)
                        .setRetryAfterMillis(retryAfter.toMillis())
                        .build();
        com.google.rpc.Status.Builder status =
                com.google.rpc.Status.newBuilder()
                        .setCode(code.value())
                        .setMessage(reason + ": " + message);
        if (retryAfter.isPositive()) {
            status.addDetails(Any.pack(retryInfo(retryAfter)));
        }
        Metadata trailers = new Metadata();
        trailers.put(ERROR, detail);
        return StatusProto.toStatusRuntimeException(status.build(), trailers);
    }

    private static RetryInfo retryInfo(Duration retryAfter) {
        return RetryInfo.newBuilder()
                .setRetryDelay(
                        com.google.protobuf.Duration.newBuilder()
                                .setSeconds(retryAfter.getSeconds())
                                .setNanos(retryAfter.getNano()))
                .build();
    }
}
