package dev.countersign.server.rpc;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.WellKnownIds;
import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.trust.VerifiedPeer;
import dev.countersign.wire.v1.AdminServiceGrpc;
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
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may use the admin service over the network: the holder of an operator certificate of our own
 * trust domain whose name stands in the role table. A workload's certificate never does.
 */
final class AdminAccess implements ServerInterceptor {
    private static final Logger log = LoggerFactory.getLogger(AdminAccess.class);

    private final Set<String> operators;
    private final AuditTrail audit;
    private final InstantSource clock;
    private final dev.countersign.identity.TrustDomain trustDomain;

    AdminAccess(
            dev.countersign.identity.TrustDomain trustDomain,
            Set<String> operators,
            AuditTrail audit,
            InstantSource clock) {
        this.trustDomain = trustDomain;
        this.operators = Set.copyOf(operators);
        this.audit = audit;
        this.clock = clock;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        if (!AdminServiceGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName())) {
            return next.startCall(call, headers);
        }
        Optional<SpiffeId> caller = PeerIdentity.current().map(VerifiedPeer::id);
        boolean allowed = caller.filter(this::isOperator).isPresent();
        record(call, caller, allowed);
        if (allowed) {
            return next.startCall(call, headers);
        }
        StatusRuntimeException refusal =
                StatusMapping.refusal(
                        Status.Code.PERMISSION_DENIED,
                        "ADMIN_NOT_OPERATOR",
                        "caller: "
                                + caller.map(SpiffeId::toString).orElse("no certificate")
                                + " (expected: an operator certificate, or the admin socket)",
                        Duration.ZERO);
        Metadata trailers = refusal.getTrailers();
        call.close(refusal.getStatus(), trailers == null ? new Metadata() : trailers);
        return new ServerCall.Listener<>() {};
    }

    private boolean isOperator(SpiffeId id) {
        return id.trustDomain().equals(trustDomain)
                && WellKnownIds.operatorName(id).filter(operators::contains).isPresent();
    }

    private void record(ServerCall<?, ?> call, Optional<SpiffeId> caller, boolean allowed) {
        String method = call.getMethodDescriptor().getFullMethodName();
        String who = caller.map(SpiffeId::toString).orElse("");
        log.atInfo()
                .addKeyValue("caller", who)
                .addKeyValue("method", method)
                .addKeyValue("allowed", allowed)
                .log("admin call");
        if (caller.isPresent()) {
            audit.offer(
                    new AuditEvent(
                            AuditEvent.Type.ADMIN_CALL,
                            clock.instant(),
                            who,
                            Map.of("method", method, "allowed", Boolean.toString(allowed))));
        }
    }
}
