package dev.countersign.server.rpc;

import dev.countersign.server.limits.CallerCaps;
import dev.countersign.server.limits.Verdict;
import dev.countersign.server.operators.AccessUnavailable;
import dev.countersign.server.operators.AdminAction;
import dev.countersign.server.operators.AdminCaller;
import dev.countersign.server.operators.DelegatedAccess;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Callers of the admin service who present a bearer token (RFC 6750, section 2.1). */
public final class BearerCallers {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final String SCHEME = "bearer ";
    private static final Duration RETRY_SOON = Duration.ofSeconds(1);

    private final DelegatedAccess access;
    private final CallerCaps caps;

    /**
     * @param caps asked before a token is
     */
    public BearerCallers(DelegatedAccess access, CallerCaps caps) {
        this.access = access;
        this.caps = caps;
    }

    /** Who calls; empty when the call carries no token. */
    Optional<AdminCaller> caller(Metadata headers, AdminAction action) {
        @Nullable String header = headers.get(AUTHORIZATION);
        if (header == null || !header.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            return Optional.empty();
        }
        if (caps.tokenCheck(PeerIdentity.address()) instanceof Verdict.Exceeded exceeded) {
            throw StatusMapping.refusal(
                    Status.Code.RESOURCE_EXHAUSTED,
                    exceeded.limit().name(),
                    "token checks: too many (expected: after " + exceeded.retryAfter() + ")",
                    exceeded.retryAfter());
        }
        try {
            return Optional.of(access.caller(header.substring(SCHEME.length()).strip(), action));
        } catch (AccessUnavailable unavailable) {
            throw StatusMapping.refusal(
                    Status.Code.UNAVAILABLE,
                    "ADMIN_KUBERNETES_UNAVAILABLE",
                    unavailable.getMessage() + " (expected: an answer, try again)",
                    RETRY_SOON);
        }
    }
}
