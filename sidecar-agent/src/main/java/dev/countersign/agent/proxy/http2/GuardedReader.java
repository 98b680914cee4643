package dev.countersign.agent.proxy.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import org.jspecify.annotations.Nullable;

/**
 * Has every frame counted before anything is done about it: those that the codec ignores, for streams
 * that are gone, cost work too.
 */
final class GuardedReader implements Http2FrameReader {
    private final Http2FrameReader reader;
    private final FloodGuard guard;
    private @Nullable Http2FrameListener of;
    private @Nullable Counting counting;

    GuardedReader(Http2FrameReader reader, FloodGuard guard) {
        this.reader = reader;
        this.guard = guard;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the codec changes its listener once, after the preface
    public void readFrame(ChannelHandlerContext ctx, ByteBuf input, Http2FrameListener listener)
            throws Http2Exception {
        Counting to = counting;
        if (to == null || of != listener) {
            to = new Counting(listener, guard);
            counting = to;
            of = listener;
        }
        reader.readFrame(ctx, input, to);
    }

    @Override
    public Configuration configuration() {
        return reader.configuration();
    }

    @Override
    public void close() {
        reader.close();
    }

    private static final class Counting extends Http2FrameListenerDecorator {
        private final FloodGuard guard;

        Counting(Http2FrameListener listener, FloodGuard guard) {
            super(listener);
            this.guard = guard;
        }

        @Override
        public int onDataRead(
                ChannelHandlerContext ctx,
                int streamId,
                ByteBuf data,
                int padding,
                boolean endOfStream)
                throws Http2Exception {
            if (data.isReadable()) {
                guard.carried();
            } else if (!endOfStream) {
                guard.spend(FloodGuard.EMPTY);
            }
            return super.onDataRead(ctx, streamId, data, padding, endOfStream);
        }

        @Override
        public void onPriorityRead(
                ChannelHandlerContext ctx,
                int streamId,
                int streamDependency,
                short weight,
                boolean exclusive)
                throws Http2Exception {
            guard.spend(FloodGuard.SMALL);
            super.onPriorityRead(ctx, streamId, streamDependency, weight, exclusive);
        }

        @Override
        public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode)
                throws Http2Exception {
            guard.spend(FloodGuard.RESET);
            super.onRstStreamRead(ctx, streamId, errorCode);
        }

        @Override
        public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings)
                throws Http2Exception {
            guard.spend(FloodGuard.SETTINGS);
            super.onSettingsRead(ctx, settings);
        }

        @Override
        public void onPingRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
            guard.spend(FloodGuard.PING);
            super.onPingRead(ctx, data);
        }

        @Override
        public void onPushPromiseRead(
                ChannelHandlerContext ctx,
                int streamId,
                int promisedStreamId,
                Http2Headers headers,
                int padding)
                throws Http2Exception {
            guard.spend(FloodGuard.SETTINGS);
            super.onPushPromiseRead(ctx, streamId, promisedStreamId, headers, padding);
        }

        @Override
        public void onWindowUpdateRead(
                ChannelHandlerContext ctx, int streamId, int windowSizeIncrement)
                throws Http2Exception {
            guard.spend(FloodGuard.SMALL);
            super.onWindowUpdateRead(ctx, streamId, windowSizeIncrement);
        }

        @Override
        public void onUnknownFrame(
                ChannelHandlerContext ctx,
                byte frameType,
                int streamId,
                Http2Flags flags,
                ByteBuf payload)
                throws Http2Exception {
            guard.spend(FloodGuard.EMPTY);
            super.onUnknownFrame(ctx, frameType, streamId, flags, payload);
        }
    }
}
