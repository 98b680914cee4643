package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.connection.HandshakeRefusal;
import dev.countersign.agent.proxy.relay.StreamSignal;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Waits until the first bytes say whether a caller speaks TLS, and what it asks for. A handshake record
 * begins with 0x16 (RFC 8446 section 5.1), which begins no protocol made of text; silence means that
 * the server speaks first, which no client of TLS waits for. What was read goes on to the handlers that
 * the choice adds.
 */
final class OpeningDetector extends ChannelInboundHandlerAdapter {
    private final Optional<Duration> serverFirst;
    private final Duration deadline;
    private final Choice choice;
    private @Nullable ByteBuf seen;
    private @Nullable Future<?> timer;
    private @Nullable Future<?> silence;
    private int needed = 1;
    private boolean chosen;

    /**
     * @param serverFirst silence after which the server speaks first; empty: never, only TLS is spoken
     * @param deadline until the whole opening must have come
     */
    OpeningDetector(Optional<Duration> serverFirst, Duration deadline, Choice choice) {
        this.serverFirst = serverFirst;
        this.deadline = deadline;
        this.choice = choice;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timer = after(ctx, deadline, () -> refuse(ctx, HandshakeRefusal.TIMEOUT, "opening: late"));
        silence =
                serverFirst
                        .map(wait -> after(ctx, wait, () -> choose(ctx, Opening.Other.OTHER)))
                        .orElse(null);
        ctx.channel().config().setAutoRead(true);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        cancel(timer);
        cancel(silence);
        if (seen != null) {
            seen.release();
            seen = null;
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        seen =
                seen == null
                        ? in
                        : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), seen, in);
        if (seen.readableBytes() < needed) {
            return;
        }
        cancel(silence);
        switch (ClientHello.read(seen)) {
            case ClientHello.Reading.Incomplete incomplete -> needed = incomplete.needed();
            case ClientHello.Reading.NotTls no -> choose(ctx, Opening.Other.OTHER);
            case ClientHello.Reading.Whole whole -> choose(ctx, new Opening.Tls(whole.hello()));
            case ClientHello.Reading.TooLong tooLong ->
                    refuse(
                            ctx,
                            HandshakeRefusal.TLS_ERROR,
                            "ClientHello: over "
                                    + ClientHello.MAX_OCTETS
                                    + " octets (expected: less)");
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof StreamSignal || event instanceof ChannelInputShutdownEvent) {
            choose(ctx, Opening.Other.OTHER);
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        refuse(ctx, HandshakeRefusal.CLOSED, "closed before its opening was over");
        ctx.fireChannelInactive();
    }

    private void refuse(ChannelHandlerContext ctx, String code, String detail) {
        if (!chosen) {
            chosen = true;
            choice.refused(new HandshakeRefusal(code, detail));
            ctx.close();
        }
    }

    private void choose(ChannelHandlerContext ctx, Opening opening) {
        if (chosen) {
            return;
        }
        chosen = true;
        ByteBuf first = seen;
        seen = null;
        choice.chosen(opening);
        if (first != null) {
            ctx.fireChannelRead(first);
            ctx.fireChannelReadComplete();
        }
        if (!ctx.isRemoved()) {
            ctx.pipeline().remove(this);
        }
    }

    private static Future<?> after(ChannelHandlerContext ctx, Duration wait, Runnable task) {
        return ctx.channel().eventLoop().schedule(task, wait.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static void cancel(@Nullable Future<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /** How a connection begins. */
    sealed interface Opening {
        /** With a whole ClientHello. */
        record Tls(ClientHello hello) implements Opening {}

        /** With anything else, or with nothing: its server speaks first. */
        enum Other implements Opening {
            OTHER
        }
    }

    /** Told one of the two, once. */
    interface Choice {
        /** Adds the next handlers to the channel. */
        void chosen(Opening opening);

        void refused(HandshakeRefusal refusal);
    }
}
