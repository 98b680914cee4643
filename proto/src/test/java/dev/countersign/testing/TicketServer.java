package dev.countersign.testing;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.internal.tcnative.SSL;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * A BoringSSL server that gives tickets and lets everybody resume: what a careless peer does. It
 * wants a client certificate, answers the first bytes of a connection with a given text, closes, and
 * keeps whether the session was resumed.
 */
public final class TicketServer implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<Boolean> resumed = new CopyOnWriteArrayList<>();
    private final Channel listener;

    /**
     * @param certificate what it shows
     * @param protocol what it agrees to speak (ALPN)
     * @param answer what it says
     */
    public TicketServer(TestCertificate certificate, String protocol, String answer)
            throws SSLException {
        SslContext context =
                SslContextBuilder.forServer(
                                certificate.key(),
                                certificate.chain().toArray(X509Certificate[]::new))
                        .sslProvider(SslProvider.OPENSSL)
                        .protocols("TLSv1.3")
                        .clientAuth(ClientAuth.REQUIRE)
                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                        .applicationProtocolConfig(
                                new ApplicationProtocolConfig(
                                        Protocol.ALPN,
                                        SelectorFailureBehavior.NO_ADVERTISE,
                                        SelectedListenerFailureBehavior.ACCEPT,
                                        protocol))
                        .build();
        listener =
                new ServerBootstrap()
                        .group(loop)
                        .channel(NioServerSocketChannel.class)
                        .childHandler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel opened) {
                                        SslHandler tls = context.newHandler(opened.alloc());
                                        opened.pipeline().addLast(tls, new Answerer(tls, answer));
                                    }
                                })
                        .bind(InetAddress.getLoopbackAddress(), 0)
                        .syncUninterruptibly()
                        .channel();
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    /** Of every connection that said something, in order: whether it resumed a session. */
    public List<Boolean> resumed() {
        return resumed;
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    static boolean resumed(SslHandler tls) {
        long ssl = ((ReferenceCountedOpenSslEngine) tls.engine()).sslPointer();
        return SSL.isSessionReused(ssl);
    }

    private final class Answerer extends SimpleChannelInboundHandler<ByteBuf> {
        private final SslHandler tls;
        private final String answer;

        Answerer(SslHandler tls, String answer) {
            this.tls = tls;
            this.answer = answer;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf words) {
            resumed.add(resumed(tls));
            context.writeAndFlush(Unpooled.copiedBuffer(answer, StandardCharsets.ISO_8859_1))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }
}
