package dev.countersign.agent.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2CodecUtil;
import java.time.Duration;

/**
 * Where HTTP is spoken and no ALPN said which: the preface of HTTP/2 (RFC 9113 section 3.4) begins no
 * request of HTTP/1, so its first bytes tell.
 */
final class PrefaceDetector extends FirstBytes<PrefaceDetector.Verdict> {
    private static final ByteBuf PREFACE = Http2CodecUtil.connectionPrefaceBuf();

    private final Choice choice;

    /**
     * @param deadline for the bytes that tell; a client silent for longer is taken for HTTP/1, whose
     *     deadlines go on
     */
    PrefaceDetector(Duration deadline, Choice choice) {
        super(deadline, Verdict.HTTP_1, Verdict.UNDECIDED);
        this.choice = choice;
    }

    static Verdict look(ByteBuf bytes) {
        int length = Math.min(bytes.readableBytes(), PREFACE.readableBytes());
        for (int i = 0; i < length; i++) {
            if (bytes.getByte(bytes.readerIndex() + i) != PREFACE.getByte(i)) {
                return Verdict.HTTP_1;
            }
        }
        return length < PREFACE.readableBytes() ? Verdict.UNDECIDED : Verdict.HTTP_2;
    }

    @Override
    Verdict verdict(ByteBuf bytes) {
        return look(bytes);
    }

    /** The end of input, a drain: HTTP/1 knows what to do about each. */
    @Override
    boolean isSilence(Object event) {
        return true;
    }

    @Override
    void chosen(ChannelHandlerContext ctx, Verdict verdict) {
        choice.chosen(verdict == Verdict.HTTP_2);
    }

    enum Verdict {
        HTTP_1,
        HTTP_2,
        UNDECIDED
    }

    /** Adds the next handlers to the channel. */
    @FunctionalInterface
    interface Choice {
        void chosen(boolean http2);
    }
}
