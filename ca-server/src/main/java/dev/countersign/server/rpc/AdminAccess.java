package dev.countersign.server.rpc;

import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.limits.AuditBudget;
import dev.countersign.server.limits.RefusalCounter;
import dev.countersign.server.operators.AdminAction;
import dev.countersign.server.operators.AdminCaller;
import dev.countersign.server.operators.Operators;
import dev.countersign.trust.VerifiedPeer;
import dev.countersign.wire.v1.AdminServiceGrpc;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before the admin service at both of its doors: finds out who calls, asks the role table,
 * and keeps what is worth keeping. A change is in the log before it is begun; a refusal is there
 * under a budget. Calls of other services pass.
 */
public final class AdminAccess {
    private static final Logger log = LoggerFactory.getLogger(AdminAccess.class);
    private static final Context.Key<String> CALLER = Context.keyWithDefault("admin-caller", "");
    private static final Duration RETRY_SOON = Duration.ofSeconds(1);

    private final AuditTrail audit;
    private final AuditBudget budget;
    private final RefusalCounter overBudget;
    private final InstantSource clock;

    /**
     * @param overBudget takes the refusals that get no entry of their own
     */
    public AdminAccess(
            AuditTrail audit, AuditBudget budget, RefusalCounter overBudget, InstantSource clock) {
        this.audit = audit;
        this.budget = budget;
        this.overBudget = overBudget;
        this.clock = clock;
    }

    /** The door of the admin socket, which lets in the server's own user and root alone. */
    public ServerInterceptor local() {
        return door((peer, headers, action) -> new AdminCaller.LocalAdmin());
    }

    /**
     * The door of the network.
     *
     * @param denied why a certificate is denied; it counts as none
     * @param bearers who may come with a token instead; empty = nobody
     */
    public ServerInterceptor network(
            Operators operators,
            Function<VerifiedPeer, Optional<String>> denied,
            Optional<BearerCallers> bearers) {
        return door((peer, headers, action) -> {
            AdminCaller byCertificate =
                    operators.caller(
                            peer.filter(one -> denied.apply(one).isEmpty()).map(VerifiedPeer::id));
            boolean tokenCounts =
                    byCertificate instanceof AdminCaller.Stranger stranger
                            && stranger.id().isEmpty()
                            && action.isPresent()
                            && bearers.isPresent();
            return tokenCounts
                    ? bearers.get().caller(headers, action.get()).orElse(byCertificate)
                    : byCertificate;
        });
    }

    /** Finds out who calls; refuses with a status where that cannot be done now. */
    @FunctionalInterface
    private interface WhoCalls {
        AdminCaller of(Optional<VerifiedPeer> peer, Metadata headers, Optional<AdminAction> action);
    }

    /** Who makes the current call, as the log has it. */
    static String caller() {
        return CALLER.get();
    }

    private ServerInterceptor door(WhoCalls whoCalls) {
        return new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                if (!AdminServiceGrpc.SERVICE_NAME.equals(
                        call.getMethodDescriptor().getServiceName())) {
                    return next.startCall(call, headers);
                }
                Optional<AdminAction> action = AdminMethods.action(call.getMethodDescriptor());
                AdminCaller caller;
                try {
                    caller = whoCalls.of(PeerIdentity.current(), headers, action);
                    check(call, action, caller);
                } catch (StatusRuntimeException refusal) {
                    Metadata trailers = refusal.getTrailers();
                    call.close(refusal.getStatus(), trailers == null ? new Metadata() : trailers);
                    return new ServerCall.Listener<>() {};
                }
                return Contexts.interceptCall(
                        Context.current().withValue(CALLER, caller.who()), call, headers, next);
            }
        };
    }

    private void check(ServerCall<?, ?> call, Optional<AdminAction> action, AdminCaller caller) {
        String method = call.getMethodDescriptor().getFullMethodName();
        Optional<AdminCaller.Refusal> refusal =
                action.isPresent()
                        ? caller.refusal(action.get())
                        : Optional.of(
                                new AdminCaller.Refusal(
                                        "ADMIN_ROLE_UNLISTED",
                                        "method: "
                                                + method
                                                + " (expected: one in the role table)"));
        if (refusal.isPresent()) {
            keep(caller, method, refusal.get());
            throw StatusMapping.refusal(
                    Status.Code.PERMISSION_DENIED,
                    refusal.get().reason(),
                    refusal.get().message(),
                    Duration.ZERO);
        }
        log.atInfo()
                .addKeyValue("caller", caller.who())
                .addKeyValue("method", method)
                .log("admin call");
        if (action.get().isChange()) {
            keepChange(caller, method);
        } else if (caller instanceof AdminCaller.Delegated) {
            // Their role is not of our making: what they read is kept as well.
            audit.offer(event(caller, Map.of("method", method, "allowed", "true")));
        }
    }

    /** Before the change: what cannot be logged is not done. */
    private void keepChange(AdminCaller caller, String method) {
        try {
            audit.append(event(caller, Map.of("method", method, "allowed", "true")));
        } catch (AuditUnavailable unavailable) {
            throw StatusMapping.refusal(
                    Status.Code.UNAVAILABLE,
                    "LOG_UNAVAILABLE",
                    "the log cannot be written now, nothing was changed",
                    RETRY_SOON);
        }
    }

    private void keep(AdminCaller caller, String method, AdminCaller.Refusal refusal) {
        if (caller.who().isEmpty() || !budget.take(caller.who())) {
            overBudget.refused(
                    refusal.reason(), refusal.message(), PeerIdentity.address(), clock.instant());
            return;
        }
        log.atInfo()
                .addKeyValue("caller", caller.who())
                .addKeyValue("method", method)
                .addKeyValue("reason", refusal.reason())
                .log("admin call refused");
        audit.offer(
                event(
                        caller,
                        Map.of(
                                "method",
                                method,
                                "allowed",
                                "false",
                                "reason",
                                refusal.reason(),
                                "caller",
                                PeerIdentity.address().getHostAddress())));
    }

    private AuditEvent event(AdminCaller caller, Map<String, String> facts) {
        return new AuditEvent(AuditEvent.Type.ADMIN_CALL, clock.instant(), caller.who(), facts);
    }
}
