package dev.countersign.agent.proxy;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the first message of a TLS client asks for (RFC 8446 section 4.1.2).
 *
 * @param serverName of RFC 6066 section 3; null where none was sent
 * @param protocols of RFC 7301, in the client's order
 */
record ClientHello(@Nullable String serverName, List<String> protocols) {
    /** Octets on the wire that are read for one, record headers included. */
    static final int MAX_OCTETS = 16 * 1024;

    private static final int RECORD_HEADER = 5;
    private static final int MESSAGE_HEADER = 4;
    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int TLS_MAJOR = 3;
    private static final int MAX_FRAGMENT = 1 << 14;
    private static final int VERSION_AND_RANDOM = 34;
    private static final int SERVER_NAME = 0;
    private static final int HOST_NAME = 0;
    private static final int APPLICATION_PROTOCOLS = 16;
    private static final int MAX_SERVER_NAME = 255;

    ClientHello {
        protocols = List.copyOf(protocols);
    }

    /** What bytes turned out to be so far. */
    sealed interface Reading {
        /**
         * So far it may become one.
         *
         * @param needed octets, counted from the first, before which nothing new can be said
         */
        record Incomplete(int needed) implements Reading {}

        /** Whatever follows, it is none. */
        enum NotTls implements Reading {
            NOT_TLS
        }

        /** It is one, and longer than {@link #MAX_OCTETS}. */
        enum TooLong implements Reading {
            TOO_LONG
        }

        /** A whole one. */
        record Whole(ClientHello hello) implements Reading {}
    }

    /**
     * Reads from the reader index on, and moves nothing. Pure, so that every split gives the same
     * answer: bytes that are whole stay whole whatever follows.
     */
    static Reading read(ByteBuf bytes) {
        Records records = new Records(bytes);
        if (!records.plausible()) {
            return Reading.NotTls.NOT_TLS;
        }
        byte[] message = new byte[Math.min(bytes.readableBytes(), MAX_OCTETS)];
        int length = records.collect(message);
        if (length < 0) {
            return Reading.NotTls.NOT_TLS;
        }
        if (length >= 1 && message[0] != CLIENT_HELLO) {
            return Reading.NotTls.NOT_TLS;
        }
        if (length >= MESSAGE_HEADER) {
            int end = MESSAGE_HEADER + u24(message, 1);
            if (length >= end) {
                return new Fields(message, end).hello();
            }
            if (end > MAX_OCTETS - RECORD_HEADER) {
                return Reading.TooLong.TOO_LONG;
            }
        }
        if (bytes.readableBytes() >= MAX_OCTETS) {
            return Reading.TooLong.TOO_LONG;
        }
        int wanted = length < MESSAGE_HEADER ? MESSAGE_HEADER : MESSAGE_HEADER + u24(message, 1);
        int atLeast = bytes.readableBytes() + wanted - length;
        return new Reading.Incomplete(Math.min(Math.min(records.needed(), atLeast), MAX_OCTETS));
    }

    private static int u24(byte[] from, int at) {
        return ((from[at] & 0xff) << 16) | ((from[at + 1] & 0xff) << 8) | (from[at + 2] & 0xff);
    }

    /** The record layer: a message may be spread over several records. */
    private static final class Records {
        private final ByteBuf bytes;

        /** Where the record ends that is not all there, counted from the first octet. */
        private int needed = RECORD_HEADER;

        Records(ByteBuf bytes) {
            this.bytes = bytes;
        }

        int needed() {
            return needed;
        }

        /** Whether the first octets are those of a handshake record. */
        boolean plausible() {
            int start = bytes.readerIndex();
            int length = bytes.readableBytes();
            return (length < 1 || bytes.getUnsignedByte(start) == HANDSHAKE)
                    && (length < 2 || bytes.getUnsignedByte(start + 1) == TLS_MAJOR);
        }

        /**
         * Puts together what the records carry, of the first {@link #MAX_OCTETS} octets.
         *
         * @return how much there is of the message; −1 if these are no handshake records
         */
        int collect(byte[] message) {
            int at = bytes.readerIndex();
            int end = at + Math.min(bytes.readableBytes(), MAX_OCTETS);
            int length = 0;
            while (end - at >= RECORD_HEADER) {
                int fragment = bytes.getUnsignedShort(at + 3);
                if (bytes.getUnsignedByte(at) != HANDSHAKE
                        || bytes.getUnsignedByte(at + 1) != TLS_MAJOR
                        || fragment == 0
                        || fragment > MAX_FRAGMENT) {
                    // After that anything may follow.
                    return decided(message, length) ? length : -1;
                }
                needed = at - bytes.readerIndex() + RECORD_HEADER + fragment;
                int here = Math.min(fragment, end - at - RECORD_HEADER);
                bytes.getBytes(at + RECORD_HEADER, message, length, here);
                length += here;
                at += RECORD_HEADER + here;
                needed += here == fragment ? RECORD_HEADER : 0;
            }
            return length;
        }

        /** Whether it is known already that the message is whole, or too long. */
        private static boolean decided(byte[] message, int length) {
            if (length < MESSAGE_HEADER) {
                return false;
            }
            int end = MESSAGE_HEADER + u24(message, 1);
            return length >= end || end > MAX_OCTETS - RECORD_HEADER;
        }
    }

    /** The message's body, read field by field; whatever does not add up makes it none. */
    private static final class Fields {
        private final byte[] message;
        private final int end;
        private int at = MESSAGE_HEADER;
        private @Nullable String serverName;
        private List<String> protocols = List.of();

        Fields(byte[] message, int end) {
            this.message = message;
            this.end = end;
        }

        Reading hello() {
            boolean good =
                    skip(VERSION_AND_RANDOM)
                            && skipVector(1)
                            && skipVector(2)
                            && skipVector(1)
                            && (at == end || extensions());
            return good
                    ? new Reading.Whole(new ClientHello(serverName, protocols))
                    : Reading.NotTls.NOT_TLS;
        }

        private boolean extensions() {
            int length = number(2);
            if (length < 0 || at + length != end) {
                return false;
            }
            while (at < end) {
                int type = number(2);
                int size = number(2);
                if (type < 0 || size < 0 || size > end - at) {
                    return false;
                }
                int next = at + size;
                boolean good =
                        switch (type) {
                            case SERVER_NAME -> serverName(next);
                            case APPLICATION_PROTOCOLS -> protocols(next);
                            default -> true;
                        };
                if (!good) {
                    return false;
                }
                at = next;
            }
            return true;
        }

        private boolean serverName(int next) {
            int length = number(2);
            int type = number(1);
            int size = number(2);
            if (length != next - at + 3 || type != HOST_NAME || size < 1 || at + size > next) {
                return false;
            }
            serverName =
                    size > MAX_SERVER_NAME
                            ? null
                            : new String(message, at, size, StandardCharsets.ISO_8859_1);
            return size <= MAX_SERVER_NAME;
        }

        private boolean protocols(int next) {
            int length = number(2);
            if (length != next - at) {
                return false;
            }
            List<String> found = new ArrayList<>();
            while (at < next) {
                int size = number(1);
                if (size < 1 || at + size > next) {
                    return false;
                }
                found.add(new String(message, at, size, StandardCharsets.ISO_8859_1));
                at += size;
            }
            protocols = found;
            return !found.isEmpty();
        }

        private boolean skip(int octets) {
            at += octets;
            return at <= end;
        }

        private boolean skipVector(int octets) {
            int length = number(octets);
            return length >= 0 && skip(length);
        }

        /** −1 past the end. */
        private int number(int octets) {
            if (end - at < octets) {
                return -1;
            }
            int value = 0;
            for (int i = 0; i < octets; i++) {
                value = (value << Byte.SIZE) | (message[at++] & 0xff);
            }
            return value;
        }
    }
}
