package dev.countersign.agent.proxy.http;

import dev.countersign.agent.proxy.relay.Drain;
import dev.countersign.agent.proxy.relay.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import org.jspecify.annotations.Nullable;

/**
 * A connection to where requests go: the application on the inbound side, a peer's agent on the
 * outbound side. Serves one {@link HttpFront} at a time, one request at a time.
 */
public final class HttpBack extends ChannelInboundHandlerAdapter implements BodyFramer.Sink {
    private final Wire wire;
    private final Upstreams owner;
    private final boolean toApplication;
    private final long generation;
    private final BodyFramer body = new BodyFramer();
    private @Nullable ChannelHandlerContext ctx;
    private @Nullable FrontResponses front;
    private @Nullable FrontResponses toFlush;
    private @Nullable ByteBuf pending;
    private int scanned;
    private boolean inBody;
    private boolean persistent = true;
    private boolean retired;
    private boolean answered;
    private boolean dirty;
    private boolean closedCleanly;
    private boolean errored;
    private long served;
    private long idleSince;

    /**
     * @param owner told when the connection closes while idle
     * @param toApplication whether responses come from the application itself, which has no say in
     *     fields that only agents set
     * @param generation of the identity the connection was made with; 0 for a plain one
     */
    public HttpBack(Wire wire, Upstreams owner, boolean toApplication, long generation) {
        this.wire = wire;
        this.owner = owner;
        this.toApplication = toApplication;
        this.generation = generation;
    }

    /** Whose connection it is, to be given back to. */
    public Upstreams owner() {
        return owner;
    }

    public long generation() {
        return generation;
    }

    /** {@link System#nanoTime()} when it was given back. */
    public long idleSince() {
        return idleSince;
    }

    public void idleSince(long nanoTime) {
        idleSince = nanoTime;
    }

    public boolean active() {
        return ctx != null && ctx.channel().isActive();
    }

    public void close() {
        if (ctx != null) {
            ctx.close();
        }
    }

    Wire wire() {
        return wire;
    }

    ChannelHandlerContext context() {
        if (ctx == null) {
            throw new IllegalStateException("back: not in a pipeline (expected: added)");
        }
        return ctx;
    }

    /** Whether it served a request before, so that it may have gone stale. */
    boolean used() {
        return served > 0;
    }

    /** Whether a byte of the current response has come. */
    boolean answered() {
        return answered;
    }

    boolean reusable() {
        return persistent && !retired && active() && pending == null;
    }

    void begin(FrontResponses forFront, ByteBuf head) {
        front = forFront;
        inBody = false;
        answered = false;
        scanned = 0;
        served++;
        write(head);
    }

    void write(ByteBuf data) {
        dirty = true;
        context().write(data, context().voidPromise());
    }

    void flush() {
        if (dirty) {
            dirty = false;
            context().flush();
        }
    }

    boolean writable() {
        return context().channel().isWritable();
    }

    void autoRead(boolean on) {
        context().channel().config().setAutoRead(on);
    }

    /** The front has gone: what comes now has nowhere to go. */
    void abandon() {
        front = null;
        close();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        releasePending();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (front == null) {
            // Nobody asked: taking it for the next request's response would poison that one.
            in.release();
            persistent = false;
            context.close();
            return;
        }
        answered = true;
        toFlush = front;
        pending =
                pending == null
                        ? in
                        : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(
                                context.alloc(), pending, in);
        try {
            process(pending);
        } catch (HttpRefused e) {
            broken(e);
        }
        if (pending != null && !pending.isReadable()) {
            releasePending();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        FrontResponses served = toFlush;
        toFlush = null;
        if (served != null) {
            served.flush();
        }
    }

    @Override
    public void data(ByteBuf slice) {
        if (front == null) {
            slice.release();
        } else {
            front.data(slice);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (front != null && context.channel().isWritable()) {
            front.resumeReading();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof Drain) {
            retired = true;
            if (front == null) {
                context.close();
            }
        } else if (event instanceof SslCloseCompletionEvent closed && closed.isSuccess()) {
            closedCleanly = true;
            context.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        errored = true;
        context.close();
        if (!context.channel().isActive()) {
            // Written to after it had closed: nothing else would tell the front.
            broken(new HttpRefused(HttpRefusal.RESPONSE_UNEXPECTED, "connection: closed before"));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        releasePending();
        boolean clean = wire.tls() == null ? !errored : closedCleanly;
        persistent = false;
        if (front == null) {
            owner.lost(this);
        } else if (inBody && body.endsWithConnection() && clean) {
            body.ended();
            FrontResponses ended = front;
            finishResponse();
            ended.flush();
        } else {
            broken(new HttpRefused(HttpRefusal.RESPONSE_UNEXPECTED, "response: connection closed"));
        }
    }

    private void process(ByteBuf in) throws HttpRefused {
        while (front != null && in.isReadable()) {
            if (inBody) {
                body.consume(in, this);
                if (body.done()) {
                    finishResponse(in);
                    return;
                }
            } else {
                int length = HeadBuffer.findEnd(in, scanned);
                if (length <= 0) {
                    scanned = length;
                    return;
                }
                scanned = 0;
                if (!head(front, in, length)) {
                    return;
                }
            }
        }
    }

    /** Returns whether there may be more to do with what is left. */
    private boolean head(FrontResponses to, ByteBuf in, int length) throws HttpRefused {
        HttpScratch scratch = HttpScratch.ofLoop();
        ResponseHead head = toApplication ? scratch.responseOfApplication : scratch.responseOfAgent;
        head.parse(in, length);
        if (head.interim()) {
            to.interim(head);
            return true;
        }
        if (head.status() == ResponseHead.SWITCHING || (to.connect() && head.successful())) {
            ByteBuf rest = in.readRetainedSlice(in.readableBytes());
            front = null;
            to.tunnelled(this, head, rest);
            return false;
        }
        BodyFraming framing = head.framing(to.toHead());
        persistent = head.keepAlive() && framing != BodyFraming.UNTIL_CLOSE && !to.connect();
        to.head(head, framing);
        boolean dataOnly = to.http10() && framing == BodyFraming.CHUNKED;
        body.begin(framing, head.contentLength(), dataOnly);
        inBody = true;
        if (body.done()) {
            finishResponse(in);
            return false;
        }
        return true;
    }

    private void finishResponse(ByteBuf in) {
        if (in.isReadable()) {
            persistent = false;
        } else {
            releasePending();
        }
        finishResponse();
    }

    private void finishResponse() {
        FrontResponses done = front;
        front = null;
        inBody = false;
        if (done != null) {
            done.end(this);
        }
    }

    private void broken(HttpRefused cause) {
        FrontResponses waiting = front;
        front = null;
        persistent = false;
        close();
        if (waiting != null) {
            waiting.broken(this, cause);
        }
    }

    private void releasePending() {
        if (pending != null) {
            pending.release();
            pending = null;
        }
    }
}
