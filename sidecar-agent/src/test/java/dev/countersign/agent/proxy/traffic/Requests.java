package dev.countersign.agent.proxy.traffic;

import dev.countersign.agent.authorization.Denied;
import dev.countersign.agent.authorization.FakeAuthorizer;
import dev.countersign.agent.proxy.connection.Direction;
import dev.countersign.agent.proxy.connection.EndedRequest;
import dev.countersign.agent.proxy.connection.RequestOutcome;
import dev.countersign.agent.tracing.SpanContext;
import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.policy.Decision;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustBundle;
import dev.countersign.trust.TrustBundles;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import java.util.List;
import java.util.Optional;

/** Requests that are over, as a proxy would tell of them. */
final class Requests {
    private static final MutableClock CLOCK = MutableClock.create();
    private static final TestAuthority AUTHORITY = TestAuthority.create("mesh.test", CLOCK, 1);
    private static final Decision ALLOWED =
            new Decision(
                    true, null, "shop", "callers", 0, 7, Decision.Reason.ALLOW_RULE_MATCHED, "r");
    private static final Decision DENIED =
            new Decision(false, null, null, null, -1, 7, Decision.Reason.NO_ALLOW_RULE_MATCHED);
    private static final Decision AUDIT =
            new Decision(
                    true, null, "shop", "watch", 0, 7, Decision.Reason.AUDIT_RULE_MATCHED, "a");

    private Requests() {}

    static Optional<VerifiedPeer> peer(String account) {
        TrustBundle bundle = AUTHORITY.bundle();
        TrustBundles bundles =
                new TrustBundles() {
                    @Override
                    public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
                        return Optional.of(bundle);
                    }

                    @Override
                    public long epoch() {
                        return 1;
                    }
                };
        SpiffeId id = SpiffeId.parse("spiffe://mesh.test/ns/shop/sa/" + account);
        try {
            return Optional.of(
                    new SvidVerifier(bundles, CLOCK).verify(AUTHORITY.leaf(id).build().chain()));
        } catch (TrustRefused e) {
            throw new IllegalStateException(e);
        }
    }

    static EndedRequest allowed(Optional<VerifiedPeer> peer, String path) {
        return of(Direction.INBOUND, peer, path, 200, -1, ALLOWED, List.of(), "");
    }

    static EndedRequest answered(Optional<VerifiedPeer> peer, int status, int grpcStatus) {
        return of(Direction.OUTBOUND, peer, "/", status, grpcStatus, null, List.of(), "");
    }

    static EndedRequest denied(Optional<VerifiedPeer> peer, String path) {
        return of(Direction.INBOUND, peer, path, 403, -1, DENIED, List.of(), "0123456789ABCDEF");
    }

    static EndedRequest audited(Optional<VerifiedPeer> peer, String path) {
        return of(Direction.INBOUND, peer, path, 200, -1, ALLOWED, List.of(AUDIT), "");
    }

    private static EndedRequest of(
            Direction direction,
            Optional<VerifiedPeer> peer,
            String path,
            int status,
            int grpcStatus,
            @org.jspecify.annotations.Nullable Decision decision,
            List<Decision> audited,
            String denialId) {
        return new EndedRequest(
                direction,
                RequestOutcome.FORWARDED,
                status,
                "http/1.1",
                "GET",
                "orders",
                path,
                peer,
                8080,
                decision == null
                        ? null
                        : decision.allowed()
                                ? FakeAuthorizer.permit(decision, audited)
                                : new Denied(denialId, decision, audited),
                new SpanContext("0af7651916cd43dd8448eb211c80319c", "", "b7ad6b7169203331", true),
                grpcStatus,
                1_000,
                1_500_000,
                3_001_000,
                10,
                2_000);
    }
}
