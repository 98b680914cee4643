package dev.countersign.agent.proxy.tls;

import dev.countersign.agent.svid.HeldSvid;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.internal.tcnative.SSL;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/**
 * Shakes hands with a server as an agent would and says what came of it. Whatever certificate comes is
 * shown; whether to believe it is not asked here. Nothing is sent after the handshake.
 */
public final class TlsProbe {
    private static final int BUFFER = 32 * 1024;

    /** A server that gives tickets sends them with the end of its handshake. */
    private static final int TICKET_MILLIS = 300;

    private final HeldSvid identity;
    private final Duration timeout;

    /**
     * @param identity shown to the server
     * @param timeout for connecting and for each answer
     */
    public TlsProbe(HeldSvid identity, Duration timeout) {
        this.identity = identity;
        this.timeout = timeout;
    }

    /**
     * What was negotiated.
     *
     * @param version of TLS
     * @param group of the key exchange
     * @param protocol by ALPN; empty: none
     * @param chain as the server sent it, leaf first
     * @param ticket whether the server offered to resume the session
     */
    public record Report(
            String version,
            String group,
            String cipher,
            Optional<String> protocol,
            List<X509Certificate> chain,
            boolean ticket) {
        public Report {
            chain = List.copyOf(chain);
        }
    }

    /**
     * @throws IOException when nobody answers, or with what the handshake failed by
     */
    public Report of(InetSocketAddress server) throws IOException {
        SslContext context = TlsGeneration.probing(identity, InsecureTrustManagerFactory.INSTANCE);
        SslHandler tls = context.newHandler(UnpooledByteBufAllocator.DEFAULT);
        EmbeddedChannel channel = new EmbeddedChannel(tls);
        try (Socket socket = new Socket()) {
            socket.connect(server, Math.toIntExact(timeout.toMillis()));
            socket.setSoTimeout(Math.toIntExact(timeout.toMillis()));
            handshake(socket, channel, tls);
            return report(tls, ticketComes(socket));
        } catch (SocketTimeoutException late) {
            throw new IOException(server + ": no answer (expected: within " + timeout + ")", late);
        } finally {
            channel.finishAndReleaseAll();
            ReferenceCountUtil.release(context);
        }
    }

    private static void handshake(Socket socket, EmbeddedChannel channel, SslHandler tls)
            throws IOException {
        InputStream in = socket.getInputStream();
        byte[] bytes = new byte[BUFFER];
        send(socket, channel);
        while (!tls.handshakeFuture().isDone()) {
            int length = in.read(bytes);
            if (length < 0) {
                throw new IOException("closed before the handshake was over (expected: TLS)");
            }
            channel.writeInbound(Unpooled.copiedBuffer(bytes, 0, length));
            send(socket, channel);
        }
        if (!tls.handshakeFuture().isSuccess()) {
            throw new IOException(
                    "handshake: " + tls.handshakeFuture().cause().getMessage(),
                    tls.handshakeFuture().cause());
        }
    }

    private static void send(Socket socket, EmbeddedChannel channel) throws IOException {
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            socket.getOutputStream().write(ByteBufUtil.getBytes(out));
            out.release();
        }
    }

    /** Nothing was asked, so whatever comes as a record belongs to TLS itself. */
    private static boolean ticketComes(Socket socket) throws IOException {
        socket.setSoTimeout(TICKET_MILLIS);
        try {
            return socket.getInputStream().read() >= 0;
        } catch (SocketTimeoutException none) {
            return false;
        }
    }

    private static Report report(SslHandler tls, boolean ticket) throws IOException {
        SSLSession session = tls.engine().getSession();
        List<X509Certificate> chain = new ArrayList<>();
        for (Certificate certificate : session.getPeerCertificates()) {
            chain.add((X509Certificate) certificate);
        }
        return new Report(
                session.getProtocol(),
                group((ReferenceCountedOpenSslEngine) tls.engine()),
                session.getCipherSuite(),
                Optional.ofNullable(tls.applicationProtocol()),
                chain,
                ticket);
    }

    private static String group(ReferenceCountedOpenSslEngine engine) throws IOException {
        try {
            return Objects.requireNonNullElse(SSL.getGroupName(engine.sslPointer()), "unknown");
        } catch (Exception e) {
            throw new IOException("group of the key exchange: not known", e);
        }
    }
}
