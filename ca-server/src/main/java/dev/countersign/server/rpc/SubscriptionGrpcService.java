package dev.countersign.server.rpc;

import dev.countersign.server.authority.BundlePublisher;
import dev.countersign.server.distribution.DenialRecords;
import dev.countersign.server.distribution.EdgeRecords;
import dev.countersign.server.distribution.SnapshotMaker;
import dev.countersign.server.distribution.SubscriberRecords;
import dev.countersign.server.distribution.SubscriptionHub;
import dev.countersign.trust.VerifiedPeer;
import dev.countersign.wire.v1.SubscribeRequest;
import dev.countersign.wire.v1.SubscribeResponse;
import dev.countersign.wire.v1.SubscriptionServiceGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;

/** One stream per agent, over mTLS with the workload's own certificate. */
final class SubscriptionGrpcService extends SubscriptionServiceGrpc.SubscriptionServiceImplBase {
    /** What every stream works with. */
    record Parts(
            SubscriptionHub hub,
            SnapshotMaker snapshots,
            SubscriberRecords records,
            DenialRecords denials,
            EdgeRecords edges,
            BundlePublisher bundles,
            Function<VerifiedPeer, Optional<String>> denied,
            InstantSource clock) {}

    private final Parts parts;

    SubscriptionGrpcService(Parts parts) {
        this.parts = parts;
    }

    @Override
    public StreamObserver<SubscribeRequest> subscribe(StreamObserver<SubscribeResponse> answer) {
        ServerCallStreamObserver<SubscribeResponse> call =
                (ServerCallStreamObserver<SubscribeResponse>) answer;
        return new SubscriptionStream(parts, call, PeerIdentity.current(), PeerIdentity.address());
    }
}
