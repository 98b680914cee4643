package dev.countersign.agent.ca;

import dev.countersign.agent.roots.RootCounter;
import dev.countersign.trust.DenyList;
import dev.countersign.trust.SvidVerifier;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;

/**
 * Makes every connection to the CA. Each has its own TLS context with the credentials given at that
 * moment, so a renewed certificate is used by the next connection and breaks none that is open.
 */
public final class CaChannels {
    /** A bundle may have 1 MiB; a snapshot carries one and up to thousands of policies. */
    private static final int MAX_MESSAGE = 16 * 1024 * 1024;

    private static final int MAX_HEADERS = 16 * 1024;

    /** Fixed: the default is tuned by a ping after what was received, which is work for the CA. */
    private static final int FLOW_CONTROL_WINDOW = 1024 * 1024;

    /** A peer that vanished is noticed when data stays unacknowledged this long. */
    private static final int TCP_USER_TIMEOUT_MILLIS = 20_000;

    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

    /** Post-quantum first; the JDK's own TLS lacks it. */
    private static final String[] GROUPS = {"X25519MLKEM768", "X25519", "P-256"};

    /** In memory and without a password: the default type derives keys from it at length. */
    private static final String KEY_STORE = "JKS";

    private final CaAddress address;
    private final SvidVerifier verifier;
    private final DenyList denyList;
    private final RootCounter roots;
    private final EventLoops loops;
    private final ReplicaResolver.Factory replicas;

    public CaChannels(
            CaAddress address,
            SvidVerifier verifier,
            DenyList denyList,
            RootCounter roots,
            EventLoops loops) {
        this.address = address;
        this.replicas = new ReplicaResolver.Factory(address.all(), new SecureRandom());
        this.verifier = verifier;
        this.denyList = denyList;
        this.roots = roots;
        this.loops = loops;
    }

    public CaAddress address() {
        return address;
    }

    /**
     * A server was reached and did not answer: of several, the next connections try another one first.
     * One that is not reached at all needs no such hint.
     */
    public void passOver() {
        replicas.pass();
    }

    /**
     * A connection to a server that is the CA; anybody else fails the handshake, before a request
     * leaves.
     *
     * @param identity what to authenticate with
     * @param executor runs the callbacks of calls
     */
    public CaConnection open(Optional<ClientIdentity> identity, Executor executor) {
        CaServerTrust trust = new CaServerTrust(verifier, denyList, address.serverId(), roots);
        return new CaConnection(
                channel(context(trust, identity), executor), trust::refusal, trust::revoked);
    }

    /** A connection to anybody: no credentials, and nothing that comes back is believed by it. */
    CaConnection openUnbelieved(Executor executor) {
        return new CaConnection(
                channel(context(new AnyServer(), Optional.empty()), executor),
                Optional::empty,
                Optional::empty);
    }

    private ManagedChannel channel(SslContext context, Executor executor) {
        NettyChannelBuilder builder =
                target().eventLoopGroup(loops.group())
                        .channelType(loops.channelType())
                        .executor(executor)
                        .negotiationType(NegotiationType.TLS)
                        .sslContext(context)
                        .flowControlWindow(FLOW_CONTROL_WINDOW)
                        .maxInboundMessageSize(MAX_MESSAGE)
                        .maxInboundMetadataSize(MAX_HEADERS)
                        .withOption(
                                io.netty.channel.ChannelOption.CONNECT_TIMEOUT_MILLIS,
                                CONNECT_TIMEOUT_MILLIS)
                        // A proxy named in the environment is not for talking to the mesh's CA.
                        .proxyDetector(target -> null)
                        .idleTimeout(1, TimeUnit.DAYS)
                        .disableServiceConfigLookUp()
                        .disableRetry();
        if (loops.channelType().getName().contains("epoll")) {
            builder.withOption(EpollChannelOption.TCP_USER_TIMEOUT, TCP_USER_TIMEOUT_MILLIS);
        }
        return builder.build();
    }

    /** One server by its name; of several, the first that answers in this process's own order. */
    private NettyChannelBuilder target() {
        return address.others().isEmpty()
                ? NettyChannelBuilder.forAddress(address.host(), address.port())
                : NettyChannelBuilder.forTarget(ReplicaResolver.SCHEME + ":///ca")
                        .nameResolverFactory(replicas);
    }

    static SslContext context(TrustManager trust, Optional<ClientIdentity> identity) {
        try {
            SslContextBuilder builder =
                    GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.OPENSSL)
                            .protocols("TLSv1.3")
                            .option(OpenSslContextOption.GROUPS, GROUPS)
                            .trustManager(trust);
            if (identity.isPresent()) {
                builder.keyStoreType(KEY_STORE);
                builder.keyManager(
                        identity.get().key(),
                        identity.get().chain().toArray(X509Certificate[]::new));
            }
            SslContext context = builder.build();
            if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
                sessions.setSessionCacheEnabled(false);
            }
            return context;
        } catch (SSLException e) {
            throw new IllegalStateException(
                    "BoringSSL refuses the TLS settings of the CA client", e);
        }
    }
}
