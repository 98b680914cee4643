package dev.countersign.agent.testing;

import com.google.protobuf.ByteString;
import dev.countersign.testing.HeldPort;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.wire.BundleCodec;
import dev.countersign.wire.v1.ErrorDetail;
import dev.countersign.wire.v1.GetTrustBundleRequest;
import dev.countersign.wire.v1.GetTrustBundleResponse;
import dev.countersign.wire.v1.IssuanceServiceGrpc;
import dev.countersign.wire.v1.IssueCertificateRequest;
import dev.countersign.wire.v1.IssueCertificateResponse;
import dev.countersign.wire.v1.RefreshWindow;
import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.StreamObserver;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A CA behind a real socket with real TLS: answers as the contract says, from a {@link
 * TestAuthority}. It believes every token; what a token must be is the server's own tests' business.
 */
public final class TestCa implements AutoCloseable {
    private static final Metadata.Key<ErrorDetail> ERROR =
            Metadata.Key.of(
                    "countersign-error-bin",
                    ProtoUtils.metadataMarshaller(ErrorDetail.getDefaultInstance()));
    private static final Context.Key<Optional<X509Certificate>> PEER = Context.key("peer");

    private final InstantSource clock;
    private final TestCertificate server;
    private final BindableService subscriptions;
    private final List<String> tokens = new CopyOnWriteArrayList<>();
    private final List<Optional<X509Certificate>> peers = new CopyOnWriteArrayList<>();
    private volatile TestAuthority authority;
    private volatile SignedTrustBundle bundle;
    private volatile List<SignedTrustBundle> handovers = List.of();
    private volatile Duration life = Duration.ofHours(1);
    private volatile Optional<ErrorDetail> refusal = Optional.empty();
    private volatile Duration serverAhead = Duration.ZERO;
    private final HeldPort port = HeldPort.open();
    private @Nullable Server running;

    /**
     * @param server what it shows in the handshake
     * @param subscriptions serves the other half of the contract
     */
    public TestCa(
            TestAuthority authority,
            TestCertificate server,
            InstantSource clock,
            BindableService subscriptions) {
        this.authority = authority;
        this.server = server;
        this.clock = clock;
        this.subscriptions = subscriptions;
        this.bundle = TestBundles.sign(authority.bundle(), authority.bundleSigner());
    }

    /** With the CA's own identity. */
    public static TestCa start(TestAuthority authority, InstantSource clock) {
        return start(authority, clock, new TestFeed());
    }

    public static TestCa start(
            TestAuthority authority, InstantSource clock, BindableService subscriptions) {
        TestCertificate server = authority.leaf("/countersign/ca-server").build();
        TestCa ca = new TestCa(authority, server, clock, subscriptions);
        ca.start();
        return ca;
    }

    /** Every start is on the same port, which stays this CA's in between. */
    public void start() {
        try {
            running =
                    NettyServerBuilder.forAddress(port.address())
                            .withOption(UnixChannelOption.SO_REUSEPORT, true)
                            .sslContext(
                                    GrpcSslContexts.configure(
                                                    SslContextBuilder.forServer(
                                                            server.key(),
                                                            server.chain()
                                                                    .toArray(
                                                                            X509Certificate[]
                                                                                    ::new)),
                                                    SslProvider.OPENSSL)
                                            .clientAuth(ClientAuth.OPTIONAL)
                                            .trustManager(InsecureTrustManagerFactory.INSTANCE)
                                            .protocols("TLSv1.3")
                                            .build())
                            .addService(new Issuance())
                            .addService(subscriptions)
                            .intercept(new PeerInterceptor())
                            .build()
                            .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Cuts every connection, as a killed process would. */
    public void stop() {
        Server stopping = running;
        if (stopping != null) {
            stopping.shutdownNow();
            try {
                stopping.awaitTermination(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        stop();
        port.close();
    }

    public String address() {
        return "127.0.0.1:" + port.number();
    }

    /** Tokens that arrived, in order. */
    public List<String> tokens() {
        return tokens;
    }

    /** Certificates that callers of IssueCertificate authenticated with, in order. */
    public List<Optional<X509Certificate>> peers() {
        return peers;
    }

    public void issueFrom(TestAuthority next) {
        authority = next;
    }

    /** What is handed out now. */
    public SignedTrustBundle bundle() {
        return bundle;
    }

    /** In which bundle-signing keys announced each other. */
    public void handovers(SignedTrustBundle... shown) {
        handovers = List.of(shown);
    }

    public void bundle(SignedTrustBundle next) {
        bundle = next;
    }

    public void life(Duration next) {
        life = next;
    }

    public void refuse(ErrorDetail detail) {
        refusal = Optional.of(detail);
    }

    public void ahead(Duration offset) {
        serverAhead = offset;
    }

    /** Who is on the other end of the call under way. */
    static Optional<X509Certificate> peer() {
        Optional<X509Certificate> peer = PEER.get();
        return peer == null ? Optional.empty() : peer;
    }

    private final class Issuance extends IssuanceServiceGrpc.IssuanceServiceImplBase {
        @Override
        public void issueCertificate(
                IssueCertificateRequest request,
                StreamObserver<IssueCertificateResponse> response) {
            tokens.add(request.getToken());
            peers.add(peer());
            if (refusal.isPresent()) {
                Metadata trailers = new Metadata();
                trailers.put(ERROR, refusal.get());
                response.onError(Status.UNAUTHENTICATED.asRuntimeException(trailers));
                return;
            }
            response.onNext(answer(request));
            response.onCompleted();
        }

        @Override
        public void getTrustBundle(
                GetTrustBundleRequest request, StreamObserver<GetTrustBundleResponse> response) {
            response.onNext(
                    GetTrustBundleResponse.newBuilder()
                            .setBundle(BundleCodec.toMessage(bundle))
                            .addAllHandovers(
                                    handovers.stream().map(BundleCodec::toMessage).toList())
                            .build());
            response.onCompleted();
        }

        private IssueCertificateResponse answer(IssueCertificateRequest request) {
            TestIssuer issuer = new TestIssuer(authority, clock);
            issuer.life(life);
            Instant now = clock.instant();
            IssueCertificateResponse.Builder answer =
                    IssueCertificateResponse.newBuilder()
                            .setBundle(BundleCodec.toMessage(bundle))
                            .setServerTime(TestBundles.timestamp(now.plus(serverAhead)))
                            .setRefresh(
                                    RefreshWindow.newBuilder()
                                            .setNotBefore(
                                                    TestBundles.timestamp(
                                                            now.plus(life.dividedBy(2))))
                                            .setNotAfter(
                                                    TestBundles.timestamp(
                                                            now.plus(
                                                                    life.multipliedBy(4)
                                                                            .dividedBy(5)))));
            try {
                for (X509Certificate certificate :
                        issuer.leaf(request.getCsr().toByteArray(), path(request.getToken()))
                                .chain()) {
                    answer.addCertificateChain(ByteString.copyFrom(certificate.getEncoded()));
                }
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
            return answer.build();
        }
    }

    /** A test's token is {@code namespace.account.anything}. */
    private static String path(String token) {
        List<String> parts = List.of(token.split("\\.", -1));
        return "/ns/" + parts.get(0) + "/sa/" + parts.get(1);
    }

    private static final class PeerInterceptor implements ServerInterceptor {
        @Override
        public <A, B> ServerCall.Listener<A> interceptCall(
                ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
            SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
            Context context = Context.current().withValue(PEER, certificate(session));
            return Contexts.interceptCall(context, call, headers, next);
        }

        private static Optional<X509Certificate> certificate(@Nullable SSLSession session) {
            try {
                return session == null
                        ? Optional.empty()
                        : Optional.of((X509Certificate) session.getPeerCertificates()[0]);
            } catch (SSLPeerUnverifiedException e) {
                return Optional.empty();
            }
        }
    }
}
