package dev.countersign.server.rpc;

import dev.countersign.server.limits.CallerCaps;
import dev.countersign.trust.SvidVerifier;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * The workload port: TLS 1.3 with our own serving certificate, a client certificate optional but
 * never sloppy, no resumption (it would skip the verifier). Calls run on virtual threads, because a
 * call waits for the log.
 */
public final class GrpcEndpoint implements AutoCloseable {
    private final SvidVerifier verifier;
    private final RotatingSslContext tls;
    private final EventLoops loops;
    private final ExecutorService calls;
    private final Server server;

    /** Builds; {@link #start} listens. */
    public GrpcEndpoint(
            InetSocketAddress address,
            EndpointLimits limits,
            CallerCaps caps,
            SvidVerifier verifier,
            InstantSource clock,
            List<X509Certificate> chain,
            PrivateKey key,
            int ioThreads,
            List<BindableService> services,
            List<ServerInterceptor> interceptors) {
        this.verifier = verifier;
        this.tls = new RotatingSslContext(context(verifier, chain, key));
        this.loops = new EventLoops(ioThreads);
        this.calls =
                Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("call-", 0).factory());
        this.server = build(address, limits, caps, clock, services, interceptors);
    }

    public void start() throws IOException {
        server.start();
    }

    /** The port that was bound. */
    public int port() {
        return server.getPort();
    }

    /** New connections get this certificate; open ones keep theirs. */
    public void useCertificate(List<X509Certificate> chain, PrivateKey key) {
        tls.replace(context(verifier, chain, key));
    }

    /** Stops accepting, lets calls finish for {@code grace}, then ends them. */
    public void drain(Duration grace) throws InterruptedException {
        server.shutdown();
        if (!server.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS)) {
            server.shutdownNow();
        }
    }

    @Override
    public void close() {
        server.shutdownNow();
        calls.close();
        loops.close();
    }

    private Server build(
            InetSocketAddress address,
            EndpointLimits limits,
            CallerCaps caps,
            InstantSource clock,
            List<BindableService> services,
            List<ServerInterceptor> interceptors) {
        NettyServerBuilder builder =
                NettyServerBuilder.forAddress(address)
                        .bossEventLoopGroup(loops.acceptors())
                        .workerEventLoopGroup(loops.workers())
                        .channelFactory(() -> loops.listener(caps))
                        .withChildOption(ChannelOption.TCP_NODELAY, true)
                        .sslContext(tls)
                        .directExecutor()
                        .addTransportFilter(PeerIdentity.perConnection(verifier))
                        .handshakeTimeout(
                                limits.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS)
                        // Fixed: the default is tuned by a ping after what was received, and
                        // requests are small and far apart.
                        .flowControlWindow(limits.flowControlWindow())
                        .maxInboundMessageSize(limits.maxMessageBytes())
                        .maxInboundMetadataSize(limits.maxHeaderBytes())
                        .maxConcurrentCallsPerConnection(limits.maxCallsPerConnection())
                        .permitKeepAliveTime(
                                limits.minKeepAlive().toMillis(), TimeUnit.MILLISECONDS)
                        .permitKeepAliveWithoutCalls(false)
                        .maxConnectionIdle(
                                limits.maxConnectionIdle().toMillis(), TimeUnit.MILLISECONDS);
        services.forEach(builder::addService);
        interceptors.forEach(builder::intercept);
        // What is added last runs first: everything after these may block, and knows the peer.
        builder.intercept(PeerIdentity.intoContext(clock));
        builder.intercept(new CallHandover(calls));
        return builder.build();
    }

    private static SslContext context(
            SvidVerifier verifier, List<X509Certificate> chain, PrivateKey key) {
        try {
            SslContextBuilder builder =
                    SslContextBuilder.forServer(key, chain.toArray(X509Certificate[]::new))
                            // In memory, without a password: the default derives keys at length.
                            .keyStoreType("JKS")
                            .clientAuth(ClientAuth.OPTIONAL)
                            .trustManager(new SvidTrustManager(verifier))
                            .protocols("TLSv1.3");
            return GrpcSslContexts.configure(builder, SslProvider.OPENSSL).build();
        } catch (SSLException fault) {
            throw new IllegalStateException("TLS context: " + fault.getMessage(), fault);
        }
    }
}
