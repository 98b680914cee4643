package dev.countersign.agent.proxy.http;

import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.agent.proxy.http.FrontSession.State;
import dev.countersign.agent.proxy.relay.Drain;
import dev.countersign.agent.proxy.relay.StreamSignal;
import dev.countersign.agent.proxy.relay.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection: reads requests one after the other, has each decided, passes it on and its
 * response back. Bodies stream through; a pipelined request waits until the one before is answered.
 * This is its handler: what happens to the connection itself; {@link FrontRequests} is the way in,
 * {@link FrontResponses} the way back.
 *
 * <p>{@code HEAD → (ASKING → HEAD) → (BODY) → AWAIT → HEAD …}; {@code ASKING} waits until somebody
 * else has said what to do with the head, which then is read again; {@code DISCARD} swallows the body
 * of a request that was answered here, {@code CLOSING} whatever comes after the last answer.
 */
public final class HttpFront extends ChannelInboundHandlerAdapter {
    private final Parts parts;
    private @Nullable FrontSession session;
    private @Nullable FrontRequests requests;

    public HttpFront(Parts parts) {
        this.parts = parts;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        FrontSession fresh =
                new FrontSession(
                        parts,
                        new ClientEnd(context, parts.wire()),
                        new Deadline(context.channel().eventLoop(), this::deadlineMissed));
        session = fresh;
        requests = new FrontRequests(fresh);
        fresh.deadline.arm(parts.settings().idleTimeout());
        if (parts.wire().tls() == null) {
            context.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        }
        context.channel().config().setAutoRead(true);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        session().releasePending();
        session().deadline.cancel();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        FrontSession to = session();
        if (to.state == State.CLOSING) {
            in.release();
            return;
        }
        to.reading = true;
        to.pending =
                to.pending == null
                        ? in
                        : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(
                                context.alloc(), to.pending, in);
        requests().process();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        session().reading = false;
        session().flushBack();
        session().client.flush();
        session().watchBody();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        FrontSession to = session();
        boolean writable = context.channel().isWritable();
        if (to.state == State.AWAIT && writable) {
            to.deadline.disarm();
        } else if (to.state == State.AWAIT) {
            to.deadline.arm(to.settings.stallTimeout());
        }
        if (to.back != null && writable) {
            to.back.autoRead(true);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof Drain) {
            drain();
        } else if (event == StreamSignal.RESET) {
            context.close();
        } else if (event == ChannelInputShutdownEvent.INSTANCE
                || event == StreamSignal.FINISHED
                || (event instanceof SslCloseCompletionEvent closed && closed.isSuccess())) {
            inputEnded();
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        FrontSession ending = session();
        ending.state = State.CLOSING;
        ending.deadline.cancel();
        ending.releasePending();
        ending.exchange.end();
        ending.abandonBack();
        ending.upstreams.frontClosed();
    }

    private void drain() {
        session().lastRequest = true;
        if (session().state == State.HEAD && session().pending == null) {
            session().client.close();
        }
    }

    /** The client will send no more: answer what it asked, then close. */
    private void inputEnded() {
        FrontSession ending = session();
        ending.lastRequest = true;
        ending.inputEnded = true;
        boolean answers = ending.state == State.AWAIT || ending.state == State.ASKING;
        if (!answers || (parts.wire().tls() != null && !parts.wire().framed())) {
            ending.client.close();
        }
    }

    private void deadlineMissed() {
        FrontSession late = session();
        switch (late.state) {
            case HEAD -> {
                if (late.pending == null) {
                    late.client.close();
                } else {
                    requests().refuseSlowHead();
                }
            }
            case BODY -> requests().refuseSlowBody();
            // It takes nothing of its answer.
            case AWAIT -> late.client.breakOff();
            case ASKING, DISCARD, CLOSING -> late.client.close();
        }
    }

    private FrontSession session() {
        if (session == null) {
            throw notAdded();
        }
        return session;
    }

    private FrontRequests requests() {
        if (requests == null) {
            throw notAdded();
        }
        return requests;
    }

    private static IllegalStateException notAdded() {
        return new IllegalStateException("front: not in a pipeline (expected: added)");
    }

    /**
     * What a connection is made with.
     *
     * @param connection its entry in the table, when it has one
     */
    public record Parts(
            HttpSettings settings,
            RequestGate gate,
            Upstreams upstreams,
            Wire wire,
            Optional<OpenConnection> connection) {}
}
