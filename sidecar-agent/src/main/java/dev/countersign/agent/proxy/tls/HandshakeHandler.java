package dev.countersign.agent.proxy.tls;

import dev.countersign.agent.proxy.connection.HandshakeRefusal;
import dev.countersign.trust.VerifiedPeer;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stands behind the {@link SslHandler} until the handshake is over, tells the outcome once and
 * removes itself. Nothing reaches a later handler before {@link Outcome#secured} has run.
 */
public final class HandshakeHandler extends ChannelInboundHandlerAdapter {
    private final SslHandler tls;
    private final Outcome outcome;
    private boolean told;

    public HandshakeHandler(SslHandler tls, Outcome outcome) {
        this.tls = tls;
        this.outcome = outcome;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent done) {
            if (done.isSuccess()) {
                succeeded(ctx);
            } else {
                failed(ctx, HandshakeRefusal.of(done.cause()));
            }
            return;
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failed(ctx, HandshakeRefusal.of(cause));
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        failed(
                ctx,
                new HandshakeRefusal(
                        HandshakeRefusal.CLOSED, "closed before the handshake was over"));
        ctx.fireChannelInactive();
    }

    private void succeeded(ChannelHandlerContext ctx) {
        Optional<VerifiedPeer> peer = TlsContexts.verifiedPeer(tls);
        if (peer.isEmpty()) {
            failed(ctx, new HandshakeRefusal(HandshakeRefusal.NO_CERTIFICATE, "peer: unverified"));
            return;
        }
        told = true;
        outcome.secured(ctx, tls, peer.get(), tls.applicationProtocol());
        if (!ctx.isRemoved()) {
            ctx.pipeline().remove(this);
        }
    }

    private void failed(ChannelHandlerContext ctx, HandshakeRefusal refusal) {
        if (!told) {
            told = true;
            outcome.refused(refusal);
        }
        ctx.close();
    }

    /** What came of it; called once, on the event loop. */
    public interface Outcome {
        /** Adds the next handlers, after {@code ctx}'s. */
        void secured(
                ChannelHandlerContext ctx,
                SslHandler tls,
                VerifiedPeer peer,
                @Nullable String protocol);

        void refused(HandshakeRefusal refusal);
    }
}
