package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.relay.StreamSignal;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Waits until the first bytes say whether this is HTTP: a request line of HTTP/1, however it is split
 * over packets, or the first line of HTTP/2's preface, which looks like one. Bytes that cannot become
 * one are opaque at once; silence means that the server speaks first.
 */
final class ProtocolDetector extends FirstBytes<ProtocolDetector.Verdict> {
    private static final int MAX_METHOD = 32;
    private static final int MAX_LINE = 16 * 1024;
    private static final byte[] VERSION = " HTTP/1.".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PREFACE = "PRI * HTTP/2.0".getBytes(StandardCharsets.US_ASCII);

    private final Choice choice;

    ProtocolDetector(Duration serverFirst, Choice choice) {
        super(serverFirst, Verdict.OPAQUE, Verdict.UNDECIDED);
        this.choice = choice;
    }

    @Override
    Verdict verdict(ByteBuf bytes) {
        return look(bytes);
    }

    @Override
    boolean isSilence(Object event) {
        return event instanceof StreamSignal;
    }

    @Override
    void chosen(ChannelHandlerContext ctx, Verdict verdict) {
        choice.chosen(ctx, verdict == Verdict.HTTP);
    }

    static Verdict look(ByteBuf bytes) {
        int start = bytes.readerIndex();
        Verdict preface = lookForPreface(bytes);
        if (preface != Verdict.OPAQUE) {
            return preface;
        }
        int end = Math.min(bytes.writerIndex(), start + MAX_LINE);
        int at = start;
        while (at < end && isMethodChar(bytes.getByte(at))) {
            at++;
        }
        if (at == end) {
            return at - start <= MAX_METHOD ? Verdict.UNDECIDED : Verdict.OPAQUE;
        }
        if (bytes.getByte(at) != ' ' || at == start || at - start > MAX_METHOD) {
            return Verdict.OPAQUE;
        }
        int target = ++at;
        while (at < end && bytes.getByte(at) > ' ' && bytes.getByte(at) < 0x7f) {
            at++;
        }
        if (at == end) {
            return at - start < MAX_LINE ? Verdict.UNDECIDED : Verdict.OPAQUE;
        }
        if (at == target) {
            return Verdict.OPAQUE;
        }
        for (int i = 0; i < VERSION.length; i++, at++) {
            if (at == end) {
                return Verdict.UNDECIDED;
            }
            if (bytes.getByte(at) != VERSION[i]) {
                return Verdict.OPAQUE;
            }
        }
        return Verdict.HTTP;
    }

    private static Verdict lookForPreface(ByteBuf bytes) {
        int length = Math.min(bytes.readableBytes(), PREFACE.length);
        for (int i = 0; i < length; i++) {
            if (bytes.getByte(bytes.readerIndex() + i) != PREFACE[i]) {
                return Verdict.OPAQUE;
            }
        }
        return length < PREFACE.length ? Verdict.UNDECIDED : Verdict.HTTP;
    }

    private static boolean isMethodChar(byte c) {
        return (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    }

    enum Verdict {
        HTTP,
        OPAQUE,
        UNDECIDED
    }

    /** Adds the next handlers, after {@code ctx}'s. */
    @FunctionalInterface
    interface Choice {
        void chosen(ChannelHandlerContext ctx, boolean http);
    }
}
