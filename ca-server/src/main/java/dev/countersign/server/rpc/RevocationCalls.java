package dev.countersign.server.rpc;

import dev.countersign.identity.SpiffeId;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.revocation.Revocation;
import dev.countersign.server.revocation.RevocationOrder;
import dev.countersign.server.revocation.RevocationRefused;
import dev.countersign.server.revocation.Revocations;
import dev.countersign.server.revocation.Standing;
import dev.countersign.server.revocation.Subjects;
import dev.countersign.wire.Timestamps;
import dev.countersign.wire.v1.ListRevocationsResponse;
import dev.countersign.wire.v1.RevocationSubject;
import dev.countersign.wire.v1.RevokeRequest;
import dev.countersign.wire.v1.RevokeResponse;
import dev.countersign.wire.v1.UnrevokeRequest;
import dev.countersign.wire.v1.UnrevokeResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** The admin calls about who is denied. */
final class RevocationCalls {
    private static final Duration RETRY_SOON = Duration.ofSeconds(1);
    private static final long MAX_SECONDS = Duration.ofDays(3660).toSeconds();

    private final Revocations revocations;
    private final Function<String, Optional<SpiffeId>> identities;
    private final LongSupplier revision;

    /**
     * @param identities reads one as people write it
     * @param revision of the newest policies
     */
    RevocationCalls(
            Revocations revocations,
            Function<String, Optional<SpiffeId>> identities,
            LongSupplier revision) {
        this.revocations = revocations;
        this.identities = identities;
        this.revision = revision;
    }

    RevokeResponse revoke(RevokeRequest request, String caller) {
        try {
            Standing made =
                    revocations.order(
                            new RevocationOrder(
                                    subject(request.getSubject()),
                                    request.getReason(),
                                    caller,
                                    duration(request.getForSeconds())));
            return RevokeResponse.newBuilder()
                    .setRevocation(message(made))
                    .setRevision(revision.getAsLong())
                    .build();
        } catch (RevocationRefused refused) {
            throw refusal(refused);
        } catch (AuditUnavailable unavailable) {
            throw logUnavailable();
        }
    }

    UnrevokeResponse unrevoke(UnrevokeRequest request, String caller) {
        try {
            Revocation before =
                    revocations.takeBack(
                            subject(request.getSubject()), request.getReason(), caller);
            return UnrevokeResponse.newBuilder()
                    .setRevocation(message(new Standing(before, 0, Optional.empty())))
                    .setRevision(revision.getAsLong())
                    .build();
        } catch (RevocationRefused refused) {
            throw refusal(refused);
        } catch (AuditUnavailable unavailable) {
            throw logUnavailable();
        }
    }

    ListRevocationsResponse list() {
        List<Standing> standings = revocations.standings();
        ListRevocationsResponse.Builder response =
                ListRevocationsResponse.newBuilder().setMaxEntries(Revocations.MAX_ENTRIES);
        standings.forEach(standing -> response.addRevocations(message(standing)));
        return response.setEntries(standings.stream().mapToInt(Standing::entries).sum()).build();
    }

    private RevocationOrder.Subject subject(RevocationSubject message) {
        return switch (message.getSubjectCase()) {
            case IDENTITY ->
                    new RevocationOrder.Identity(
                            identities
                                    .apply(message.getIdentity())
                                    .orElseThrow(() -> nothingNamed("identity")));
            case POD -> new RevocationOrder.Pod(message.getPod());
            case SERIAL -> new RevocationOrder.Serial(message.getSerial());
            case ISSUER_KEY_ID -> new RevocationOrder.Issuer(message.getIssuerKeyId());
            case SUBJECT_NOT_SET -> throw nothingNamed("subject");
        };
    }

    private static Optional<Duration> duration(long seconds) {
        if (seconds < 0 || seconds > MAX_SECONDS) {
            throw AdminGrpcService.invalid(
                    "DURATION_OUT_OF_BOUNDS",
                    "for_seconds: "
                            + Long.toUnsignedString(seconds)
                            + " (expected: 0 to "
                            + MAX_SECONDS
                            + ")");
        }
        return seconds == 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(seconds));
    }

    private static dev.countersign.wire.v1.Revocation message(Standing standing) {
        Revocation revocation = standing.revocation();
        dev.countersign.wire.v1.Revocation.Builder message =
                dev.countersign.wire.v1.Revocation.newBuilder()
                        .setId(revocation.id())
                        .setTarget(Subjects.text(revocation.target()))
                        .setReason(revocation.reason())
                        .setOrderedBy(revocation.by())
                        .setAt(Timestamps.encode(revocation.at()))
                        .setEntries(standing.entries());
        revocation.until().ifPresent(until -> message.setUntil(Timestamps.encode(until)));
        standing.lastEnds().ifPresent(end -> message.setLastEntryEnds(Timestamps.encode(end)));
        return message.build();
    }

    private static StatusRuntimeException nothingNamed(String what) {
        return AdminGrpcService.invalid(
                "SUBJECT_MISSING",
                what + ": none (expected: an identity, a pod, a serial or an issuer)");
    }

    private static StatusRuntimeException refusal(RevocationRefused refused) {
        Status.Code code =
                switch (refused.reason()) {
                    case POD_UNKNOWN, SERIAL_UNKNOWN, ISSUER_UNKNOWN, NOT_REVOKED ->
                            Status.Code.NOT_FOUND;
                    case REVOKED_ALREADY -> Status.Code.FAILED_PRECONDITION;
                    case REVOCATION_LIST_FULL -> Status.Code.RESOURCE_EXHAUSTED;
                    case REASON_MISSING,
                            REASON_TOO_LONG,
                            DURATION_OUT_OF_BOUNDS,
                            DURATION_NOT_FOR_THIS,
                            IDENTITY_RESERVED,
                            POD_MALFORMED,
                            POD_AMBIGUOUS,
                            SERIAL_MALFORMED,
                            SERIAL_AMBIGUOUS,
                            ISSUER_MALFORMED ->
                            Status.Code.INVALID_ARGUMENT;
                };
        return StatusMapping.refusal(
                code, refused.reason().name(), String.valueOf(refused.getMessage()), Duration.ZERO);
    }

    private static StatusRuntimeException logUnavailable() {
        return StatusMapping.refusal(
                Status.Code.UNAVAILABLE,
                "LOG_UNAVAILABLE",
                "the log cannot be written now, nothing was changed",
                RETRY_SOON);
    }
}
