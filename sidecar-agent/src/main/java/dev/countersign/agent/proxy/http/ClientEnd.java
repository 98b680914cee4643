package dev.countersign.agent.proxy.http;

import dev.countersign.agent.proxy.relay.SocketSignals;
import dev.countersign.agent.proxy.relay.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;

/** The client's socket under an {@link HttpFront}: what is written, read, and how it ends. */
final class ClientEnd {
    private final ChannelHandlerContext context;
    private final Wire wire;
    private boolean dirty;

    ClientEnd(ChannelHandlerContext context, Wire wire) {
        this.context = context;
        this.wire = wire;
    }

    ChannelHandlerContext context() {
        return context;
    }

    EventLoop loop() {
        return context.channel().eventLoop();
    }

    ByteBuf buffer(int capacity) {
        return context.alloc().directBuffer(capacity);
    }

    void write(ByteBuf data) {
        dirty = true;
        context.write(data, context.voidPromise());
    }

    void flush() {
        if (dirty) {
            dirty = false;
            context.flush();
        }
    }

    boolean writable() {
        return context.channel().isWritable();
    }

    boolean reads() {
        return context.channel().config().isAutoRead();
    }

    void autoRead(boolean on) {
        context.channel().config().setAutoRead(on);
    }

    void close() {
        context.close();
    }

    void closeAfterFlush() {
        dirty = false;
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> context.close());
    }

    /** Sends our end and goes on reading: a reset would destroy the answer on its way. */
    void finishAndRead() {
        dirty = false;
        context.writeAndFlush(Unpooled.EMPTY_BUFFER)
                .addListener(sent -> wire.finishOutput(context));
        autoRead(true);
    }

    /** The response cannot be finished: the client must not take it for whole. */
    void breakOff() {
        flush();
        SocketSignals.reset(context);
    }
}
