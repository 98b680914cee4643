package dev.countersign.agent.proxy.http;

import io.netty.buffer.ByteBuf;

/**
 * Finds the end of a head in bytes that arrive in pieces, looking at each byte once, and copies the
 * finished head to an array for parsing.
 */
final class HeadBuffer {
    static final int MAX_BYTES = 64 * 1024;

    private static final int INITIAL = 4096;

    private byte[] bytes = new byte[INITIAL];
    private int length;

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /**
     * Looks for the empty line.
     *
     * @param progress what an earlier call on the same head returned, 0 at first
     * @return the head's length when positive; else where to go on, as a negative number
     * @throws HttpRefused when a line ends in a bare LF, or the head is too large
     */
    static int findEnd(ByteBuf in, int progress) throws HttpRefused {
        int start = in.readerIndex();
        int end = Math.min(in.writerIndex(), start + MAX_BYTES);
        int at = start - progress;
        while (true) {
            int lf = in.indexOf(at, end, (byte) '\n');
            if (lf < 0) {
                if (in.readableBytes() >= MAX_BYTES) {
                    throw HttpFields.refused(
                            HttpRefusal.HEAD_TOO_LARGE,
                            "head: more than " + MAX_BYTES + " bytes (expected: less)");
                }
                return start - end;
            }
            if (lf == start || in.getByte(lf - 1) != '\r') {
                throw HttpFields.refused(HttpRefusal.BARE_LF, "line: ends in LF (expected: CRLF)");
            }
            if (lf - 1 == start || in.getByte(lf - 2) == '\n') {
                return lf + 1 - start;
            }
            at = lf + 1;
        }
    }

    /** Takes a complete head out of {@code in}. */
    void take(ByteBuf in, int headLength) {
        if (bytes.length < headLength) {
            bytes = new byte[Math.max(headLength, bytes.length * 2)];
        }
        in.readBytes(bytes, 0, headLength);
        length = headLength;
    }
}
