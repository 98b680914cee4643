package dev.countersign.agent.proxy.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.CorruptedFrameException;

/** A byte stream in frames; the layout is in the package documentation. Nothing is copied. */
public final class FrameCodec extends ChannelDuplexHandler {
    private static final int HEADER = 4;
    private static final int DATA = 0;
    private static final int FINISHED = 1;
    private static final int RESET = 2;
    private static final int MAX_LENGTH = 0xFFFFFF;
    private static final int LENGTH_BITS = 24;

    /** Data up to this is copied behind its header. */
    private static final int COPIED = 4 * 1024;

    /** Of the data frame being read: what is still to come. */
    private int remaining;

    private int headerBytes;
    private int header;
    private boolean finished;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        boolean passedOn = false;
        try {
            while (in.isReadable() && !passedOn) {
                if (remaining >= in.readableBytes()) {
                    // As nearly always: the rest belongs to one frame, and goes on as it is.
                    passedOn = true;
                    remaining -= in.readableBytes();
                    ctx.fireChannelRead(in);
                } else if (remaining > 0) {
                    int length = remaining;
                    remaining = 0;
                    ctx.fireChannelRead(in.readRetainedSlice(length));
                } else if (readHeader(in)) {
                    startFrame(ctx);
                }
            }
        } finally {
            if (!passedOn) {
                in.release();
            }
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        switch (message) {
            case ByteBuf data -> writeData(ctx, data, promise);
            case StreamSignal signal -> writeSignal(ctx, signal, promise);
            default -> ctx.write(message, promise);
        }
    }

    private void writeData(ChannelHandlerContext ctx, ByteBuf data, ChannelPromise promise) {
        if (!data.isReadable()) {
            ctx.write(data, promise);
            return;
        }
        if (data.readableBytes() <= COPIED) {
            // TLS would copy both into one record: one write is cheaper than two.
            ByteBuf whole = frame(ctx, DATA, data.readableBytes(), data.readableBytes());
            whole.writeBytes(data);
            data.release();
            ctx.write(whole, promise);
            return;
        }
        while (data.readableBytes() > MAX_LENGTH) {
            ctx.write(frame(ctx, DATA, MAX_LENGTH), ctx.voidPromise());
            ctx.write(data.readRetainedSlice(MAX_LENGTH), ctx.voidPromise());
        }
        ctx.write(frame(ctx, DATA, data.readableBytes()), ctx.voidPromise());
        ctx.write(data, promise);
    }

    private void writeSignal(
            ChannelHandlerContext ctx, StreamSignal signal, ChannelPromise promise) {
        switch (signal) {
            case FINISHED -> ctx.write(frame(ctx, FINISHED, 0), promise);
            case RESET -> {
                ctx.writeAndFlush(frame(ctx, RESET, 0), promise);
                ctx.close();
            }
        }
    }

    private boolean readHeader(ByteBuf in) {
        while (headerBytes < HEADER && in.isReadable()) {
            header = (header << Byte.SIZE) | in.readUnsignedByte();
            headerBytes++;
        }
        return headerBytes == HEADER;
    }

    private void startFrame(ChannelHandlerContext ctx) {
        int type = header >>> LENGTH_BITS;
        int length = header & MAX_LENGTH;
        headerBytes = 0;
        header = 0;
        if ((finished && type != RESET) || (type == DATA) != (length > 0)) {
            throw new CorruptedFrameException(
                    "frame: type " + type + " length " + length + " (expected: data, or a signal)");
        }
        switch (type) {
            case DATA -> remaining = length;
            case FINISHED -> {
                finished = true;
                ctx.fireUserEventTriggered(StreamSignal.FINISHED);
            }
            case RESET -> ctx.fireUserEventTriggered(StreamSignal.RESET);
            default ->
                    throw new CorruptedFrameException(
                            "frame: type " + type + " (expected: 0, 1 or 2)");
        }
    }

    private static ByteBuf frame(ChannelHandlerContext ctx, int type, int length) {
        return frame(ctx, type, length, 0);
    }

    /** A header, and room for what follows it. */
    private static ByteBuf frame(ChannelHandlerContext ctx, int type, int length, int room) {
        return ctx.alloc()
                .directBuffer(HEADER + room, HEADER + room)
                .writeInt((type << LENGTH_BITS) | length);
    }
}
