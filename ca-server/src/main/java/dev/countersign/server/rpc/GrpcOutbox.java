package dev.countersign.server.rpc;

import dev.countersign.feed.Delta;
import dev.countersign.feed.Snapshot;
import dev.countersign.server.authority.BundlePublisher;
import dev.countersign.server.distribution.Outbox;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.wire.FeedCodec;
import dev.countersign.wire.Timestamps;
import dev.countersign.wire.v1.DenialReceipt;
import dev.countersign.wire.v1.EdgeReceipt;
import dev.countersign.wire.v1.RenewalRequest;
import dev.countersign.wire.v1.SubscribeResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Signs and sends. A {@link ServerCallStreamObserver} is not thread-safe: everything that touches it
 * does so under this object's lock, and nothing after the stream has ended.
 */
final class GrpcOutbox implements Outbox {
    private final ServerCallStreamObserver<SubscribeResponse> call;
    private final BundlePublisher bundles;
    private final InstantSource clock;
    private final AtomicBoolean ended = new AtomicBoolean();

    GrpcOutbox(
            ServerCallStreamObserver<SubscribeResponse> call,
            BundlePublisher bundles,
            InstantSource clock) {
        this.call = call;
        this.bundles = bundles;
        this.clock = clock;
    }

    @Override
    public boolean isReady() {
        return !ended.get() && call.isReady();
    }

    @Override
    public void send(Snapshot snapshot) {
        byte[] payload = FeedCodec.encode(snapshot);
        send(
                SubscribeResponse.newBuilder()
                        .setRevision(snapshot.revision())
                        .setSnapshot(
                                FeedCodec.signedSnapshot(
                                        payload,
                                        bundles.keyId(),
                                        sign(FeedCodec.SNAPSHOT_CONTEXT, payload))));
    }

    @Override
    public void send(Delta delta) {
        byte[] payload = FeedCodec.encode(delta);
        send(
                SubscribeResponse.newBuilder()
                        .setRevision(delta.revision())
                        .setDelta(
                                FeedCodec.signedDelta(
                                        payload,
                                        bundles.keyId(),
                                        sign(FeedCodec.DELTA_CONTEXT, payload))));
    }

    @Override
    public void renew(String rootKeyId, Instant by) {
        send(
                SubscribeResponse.newBuilder()
                        .setRenewal(
                                RenewalRequest.newBuilder()
                                        .setRootKeyId(rootKeyId)
                                        .setRenewBy(Timestamps.encode(by))));
    }

    /** The report with this number is on record. */
    void receipt(long sequence) {
        send(
                SubscribeResponse.newBuilder()
                        .setEdgeReceipt(EdgeReceipt.newBuilder().setSequence(sequence)));
    }

    /** The denials with this number are on record. */
    void denialsReceived(long sequence) {
        send(
                SubscribeResponse.newBuilder()
                        .setDenialReceipt(DenialReceipt.newBuilder().setSequence(sequence)));
    }

    @Override
    public void end(End end, String message) {
        Status.Code code =
                switch (end) {
                    case SUBSCRIBER_CERTIFICATE_EXPIRED, SUBSCRIBER_DENIED ->
                            Status.Code.UNAUTHENTICATED;
                    case ACKNOWLEDGEMENT_UNTRUE -> Status.Code.INVALID_ARGUMENT;
                    case STREAMS_PER_POD, ACKNOWLEDGEMENT_RATE, EDGE_REPORT_RATE ->
                            Status.Code.RESOURCE_EXHAUSTED;
                    case INTERNAL_SIGNING -> Status.Code.INTERNAL;
                    case DRAINING -> Status.Code.UNAVAILABLE;
                };
        fail(code, end.name(), message);
    }

    /** Ends the stream with a status, once. */
    synchronized void fail(Status.Code code, String reason, String message) {
        if (ended.compareAndSet(false, true)) {
            call.onError(StatusMapping.refusal(code, reason, message, Duration.ZERO));
        }
    }

    /** The agent has gone or said goodbye. */
    synchronized void complete() {
        if (ended.compareAndSet(false, true) && !call.isCancelled()) {
            call.onCompleted();
        }
    }

    private synchronized void send(SubscribeResponse.Builder response) {
        if (!ended.get()) {
            response.setServerTime(Timestamps.encode(clock.instant()));
            call.onNext(response.build());
        }
    }

    private byte[] sign(String context, byte[] payload) {
        try {
            return bundles.sign(context, payload);
        } catch (KeyVaultException unavailable) {
            end(End.INTERNAL_SIGNING, "the bundle-signing key cannot be used now");
            throw new IllegalStateException("bundle key: " + unavailable.reason(), unavailable);
        }
    }
}
