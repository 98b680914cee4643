package dev.countersign.server.rpc;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.authority.BundlePublisher;
import dev.countersign.server.distribution.DenialRecords;
import dev.countersign.server.distribution.EdgeRecords;
import dev.countersign.server.distribution.SnapshotMaker;
import dev.countersign.server.distribution.SubscriberRecords;
import dev.countersign.server.distribution.SubscriptionHub;
import dev.countersign.server.issuance.IssuancePipeline;
import dev.countersign.server.issuance.OperatorIssuance;
import dev.countersign.server.revocation.Revocations;
import dev.countersign.trust.VerifiedPeer;
import io.grpc.BindableService;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;

/** The services of the contract, made from what they ask. */
public final class GrpcServices {
    private GrpcServices() {}

    public static BindableService issuance(
            IssuancePipeline pipeline, BundlePublisher bundles, InstantSource clock) {
        return new IssuanceGrpcService(pipeline, bundles, clock);
    }

    public static BindableService subscription(
            SubscriptionHub hub,
            SnapshotMaker snapshots,
            SubscriberRecords records,
            DenialRecords denials,
            EdgeRecords edges,
            BundlePublisher bundles,
            Function<VerifiedPeer, Optional<String>> denied,
            InstantSource clock) {
        return new SubscriptionGrpcService(
                new SubscriptionGrpcService.Parts(
                        hub, snapshots, records, denials, edges, bundles, denied, clock));
    }

    /** Says nothing of who may ask: put {@link AdminAccess} before it. */
    public static BindableService admin(
            TrustDomain trustDomain,
            AdminQuestions questions,
            OperatorIssuance operators,
            Revocations revocations) {
        return new AdminGrpcService(trustDomain, questions, operators, revocations);
    }
}
