package dev.countersign.testing;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/**
 * A BoringSSL client that keeps every ticket it is given and resumes whenever it can: against a
 * {@link TicketServer} its second connection is a resumed one. It believes everybody.
 */
public final class ResumingClient implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final SslContext context;

    /**
     * @param certificate what it shows
     * @param protocol what it offers to speak (ALPN)
     */
    public ResumingClient(TestCertificate certificate, String protocol) throws SSLException {
        this(certificate.key(), certificate.chain(), protocol);
    }

    /**
     * @param chain what it shows, leaf first
     */
    public ResumingClient(PrivateKey key, List<X509Certificate> chain, String protocol)
            throws SSLException {
        context =
                SslContextBuilder.forClient()
                        .sslProvider(SslProvider.OPENSSL)
                        .protocols("TLSv1.3")
                        .keyManager(key, chain.toArray(X509Certificate[]::new))
                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                        .endpointIdentificationAlgorithm(null)
                        .applicationProtocolConfig(
                                new ApplicationProtocolConfig(
                                        Protocol.ALPN,
                                        SelectorFailureBehavior.NO_ADVERTISE,
                                        SelectedListenerFailureBehavior.ACCEPT,
                                        protocol))
                        .build();
    }

    /**
     * Makes a connection, says {@code words}, and waits until it is answered, which is after the
     * server's tickets.
     *
     * @return whether the TLS session was a resumed one
     */
    public boolean resumes(InetSocketAddress address, String words)
            throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<Boolean> resumed = new CompletableFuture<>();
        Channel channel =
                new Bootstrap()
                        .group(loop)
                        .channel(NioSocketChannel.class)
                        .handler(connection(address, resumed))
                        .connect(address)
                        .sync()
                        .channel();
        channel.writeAndFlush(Unpooled.copiedBuffer(words, StandardCharsets.ISO_8859_1));
        boolean result = resumed.get(Patience.OF_TESTS.toSeconds(), TimeUnit.SECONDS);
        channel.close().sync();
        return result;
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private ChannelInitializer<Channel> connection(
            InetSocketAddress address, CompletableFuture<Boolean> resumed) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel opened) {
                // By name and port: sessions are kept by them.
                SslHandler tls =
                        context.newHandler(opened.alloc(), "resumes.test", address.getPort());
                opened.pipeline().addLast(tls, new Answer(tls, resumed));
            }
        };
    }

    private static final class Answer extends SimpleChannelInboundHandler<ByteBuf> {
        private final SslHandler tls;
        private final CompletableFuture<Boolean> resumed;

        Answer(SslHandler tls, CompletableFuture<Boolean> resumed) {
            this.tls = tls;
            this.resumed = resumed;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf answer) {
            resumed.complete(TicketServer.resumed(tls));
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            resumed.completeExceptionally(new IllegalStateException("closed before an answer"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            resumed.completeExceptionally(cause);
        }
    }
}
