package dev.countersign.deploy.bench.fleet;

import dev.countersign.agent.ca.CaChannels;
import dev.countersign.agent.ca.CaConnection;
import dev.countersign.agent.ca.ClientIdentity;
import dev.countersign.feed.Snapshot;
import dev.countersign.identity.SpiffeId;
import dev.countersign.server.x509.KeyIds;
import dev.countersign.trust.BundleKeeper;
import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import dev.countersign.wire.FeedCodec;
import dev.countersign.wire.v1.Acknowledgement;
import dev.countersign.wire.v1.Hello;
import dev.countersign.wire.v1.IssuanceServiceGrpc;
import dev.countersign.wire.v1.IssueCertificateResponse;
import dev.countersign.wire.v1.SubscribeRequest;
import dev.countersign.wire.v1.SubscribeResponse;
import dev.countersign.wire.v1.SubscriptionServiceGrpc;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One agent of the fleet: believes snapshots, deltas and bundles by signature and acknowledges them,
 * on the thread that the connection's bytes come in on.
 */
final class LightAgent {
    /** Waiting for the first snapshot, and for a certificate. */
    private static final int WAIT_SECONDS = 120;

    private final String name;
    private final CaChannels channels;
    private final BundleKeeper bundles;
    private final SvidVerifier verifier;
    private final Object lock = new Object();

    private @Nullable ClientIdentity identity;
    private @Nullable SpiffeId id;
    private @Nullable CaConnection stream;
    private @Nullable Snapshot snapshot;
    private @Nullable String problem;
    private volatile long acknowledgedAt;
    private volatile long acknowledgedRevision;
    private volatile long acknowledgedEpoch;

    /**
     * @param verifier what servers and certificates are believed by; shared
     * @param bundles of this agent alone
     */
    LightAgent(String name, CaChannels channels, SvidVerifier verifier, BundleKeeper bundles) {
        this.name = name;
        this.channels = channels;
        this.verifier = verifier;
        this.bundles = bundles;
    }

    /** Gets a certificate over a connection of its own, with the one it holds if it holds one. */
    void enroll(Credentials credentials) throws GeneralSecurityException {
        try (CaConnection connection =
                channels.open(Optional.ofNullable(identity), Runnable::run)) {
            take(ask(connection, credentials), credentials);
        }
    }

    /** Gets a certificate over the connection that its stream is on. */
    void renew(Credentials credentials) throws GeneralSecurityException {
        take(ask(subscribed(), credentials), credentials);
    }

    /** Opens the stream with the certificate that is held; returns once a snapshot is believed. */
    void subscribe() throws InterruptedException, TimeoutException {
        CaConnection opened = channels.open(Optional.ofNullable(identity), Runnable::run);
        stream = opened;
        SubscriptionServiceGrpc.newStub(opened.channel()).subscribe(new Stream());
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        synchronized (lock) {
            while (snapshot == null) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0 || problem != null) {
                    throw new TimeoutException(name + ": no snapshot: " + problem);
                }
                lock.wait(left);
            }
        }
    }

    long acknowledgedRevision() {
        return acknowledgedRevision;
    }

    long acknowledgedEpoch() {
        return acknowledgedEpoch;
    }

    /** {@link System#nanoTime} of the last acknowledgement. */
    long acknowledgedAt() {
        return acknowledgedAt;
    }

    /** Why the stream ended or a message was not believed. */
    Optional<String> problem() {
        synchronized (lock) {
            return Optional.ofNullable(problem);
        }
    }

    private CaConnection subscribed() {
        CaConnection open = stream;
        if (open == null) {
            throw new IllegalStateException(name + ": not subscribed");
        }
        return open;
    }

    private static IssueCertificateResponse ask(CaConnection connection, Credentials credentials) {
        return IssuanceServiceGrpc.newBlockingStub(connection.channel())
                .withDeadlineAfter(WAIT_SECONDS, TimeUnit.SECONDS)
                .issueCertificate(credentials.request());
    }

    private void take(IssueCertificateResponse response, Credentials credentials)
            throws GeneralSecurityException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> chain = new ArrayList<>();
        for (var der : response.getCertificateChainList()) {
            chain.add(
                    (X509Certificate)
                            factory.generateCertificate(
                                    new ByteArrayInputStream(der.toByteArray())));
        }
        VerifiedPeer self = verifier.verify(chain);
        identity = new ClientIdentity(chain, credentials.key());
        id = self.id();
    }

    private void received(
            ClientCallStreamObserver<SubscribeRequest> server, SubscribeResponse message) {
        try {
            Snapshot believed = believe(message);
            if (believed == null) {
                return;
            }
            offer(believed.bundle());
            server.onNext(acknowledgement(believed));
            acknowledgedAt = System.nanoTime();
            acknowledgedEpoch = bundles.epoch();
            acknowledgedRevision = believed.revision();
            synchronized (lock) {
                snapshot = believed;
                lock.notifyAll();
            }
        } catch (TrustRefused refused) {
            fail(refused.toString());
        }
    }

    private @Nullable Snapshot believe(SubscribeResponse message) throws TrustRefused {
        SpiffeId self = id;
        Snapshot held = snapshot;
        if (message.hasSnapshot() && self != null) {
            return FeedCodec.verify(
                    message.getSnapshot(),
                    bundles.signingKeys(),
                    self,
                    held == null ? 0 : held.revision());
        }
        if (message.hasDelta() && held != null) {
            return FeedCodec.verify(message.getDelta(), bundles.signingKeys(), held);
        }
        return null;
    }

    /** Only what is new: a real agent compares the payload as well. */
    private void offer(SignedTrustBundle bundle) throws TrustRefused {
        bundles.offer(bundle);
    }

    private SubscribeRequest acknowledgement(Snapshot believed) {
        ClientIdentity held = identity;
        return SubscribeRequest.newBuilder()
                .setAcknowledgement(
                        Acknowledgement.newBuilder()
                                .setRevision(believed.revision())
                                .setBundleEpoch(bundles.epoch())
                                .setBundleHash(KeyIds.sha256(believed.bundle().payload()))
                                .setLeafIssuerKeyId(
                                        held == null
                                                ? ""
                                                : KeyIds.hexOfCertificate(held.chain().get(1))))
                .build();
    }

    private void fail(String why) {
        synchronized (lock) {
            problem = why;
            lock.notifyAll();
        }
    }

    private final class Stream
            implements ClientResponseObserver<SubscribeRequest, SubscribeResponse> {
        private @Nullable ClientCallStreamObserver<SubscribeRequest> server;

        @Override
        public void beforeStart(ClientCallStreamObserver<SubscribeRequest> requests) {
            server = requests;
            requests.setOnReadyHandler(this::sayHello);
        }

        private boolean said;

        private void sayHello() {
            if (!said && server != null) {
                said = true;
                server.onNext(
                        SubscribeRequest.newBuilder()
                                .setHello(
                                        Hello.newBuilder()
                                                .setProtocolVersion(1)
                                                .setAgentVersion("bench")
                                                .setInstanceId(name))
                                .build());
            }
        }

        @Override
        public void onNext(SubscribeResponse message) {
            if (server != null) {
                received(server, message);
            }
        }

        @Override
        public void onError(Throwable error) {
            fail(error.toString());
        }

        @Override
        public void onCompleted() {
            fail("the server ended the stream");
        }
    }
}
