package dev.countersign.trust;

import java.math.BigInteger;
import java.security.cert.CertificateParsingException;
import java.util.Arrays;

/**
 * A strict cursor over DER (X.690, section 10): definite, minimal lengths and single-byte tags only.
 * Enough for a certificate.
 */
final class Der {
    static final int BOOLEAN = 0x01;
    static final int OCTET_STRING = 0x04;
    static final int SEQUENCE = 0x30;

    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OBJECT_IDENTIFIER = 0x06;
    private static final byte TRUE = (byte) 0xff;
    private static final int LAST_UNUSED_BIT = 7;
    private static final int ARC_BITS = 7;
    private static final int MORE = 0x80;

    private static final int LONG_FORM = 0x80;
    private static final int MAX_LENGTH_BYTES = 3;
    private static final int MULTI_BYTE_TAG = 0x1f;

    private final byte[] bytes;
    private final int end;
    private int position;

    private Der(byte[] bytes, int position, int end) {
        this.bytes = bytes;
        this.position = position;
        this.end = end;
    }

    static Der of(byte[] bytes) {
        return new Der(bytes, 0, bytes.length);
    }

    /** The one SEQUENCE inside the OCTET STRING that {@code X509Extension.getExtensionValue} gives. */
    static Der sequenceInExtension(byte[] extensionValue) throws CertificateParsingException {
        Der outer = of(extensionValue);
        Der octets = outer.enter(OCTET_STRING);
        outer.finish();
        Der sequence = octets.enter(SEQUENCE);
        octets.finish();
        return sequence;
    }

    /** The content of the one OCTET STRING inside that OCTET STRING. */
    static byte[] octetStringInExtension(byte[] extensionValue) throws CertificateParsingException {
        Der outer = of(extensionValue);
        Der octets = outer.enter(OCTET_STRING);
        outer.finish();
        byte[] content = octets.read(OCTET_STRING);
        octets.finish();
        return content;
    }

    boolean hasNext() {
        return position < end;
    }

    /** The tag of the next element, which stays unread. */
    int nextTag() throws CertificateParsingException {
        return byteAt(position);
    }

    /** Reads the next element, which must have this tag, and returns a cursor over its content. */
    Der enter(int tag) throws CertificateParsingException {
        int found = byteAt(position);
        if (found != tag || (found & MULTI_BYTE_TAG) == MULTI_BYTE_TAG) {
            throw malformed("tag 0x" + Integer.toHexString(found));
        }
        int start = position + 1;
        int length = byteAt(start++);
        if (length >= LONG_FORM) {
            int count = length - LONG_FORM;
            if (count == 0 || count > MAX_LENGTH_BYTES || byteAt(start) == 0) {
                throw malformed("length of " + count + " bytes");
            }
            length = 0;
            for (int i = 0; i < count; i++) {
                length = length << 8 | byteAt(start++);
            }
            if (length < LONG_FORM) {
                throw malformed("length that is not minimal");
            }
        }
        if (length > end - start) {
            throw malformed("length " + length + " past the end");
        }
        position = start + length;
        return new Der(bytes, start, position);
    }

    /** The content of the next element. */
    byte[] read(int tag) throws CertificateParsingException {
        return enter(tag).rest();
    }

    /** The next element, header and all. */
    byte[] element(int tag) throws CertificateParsingException {
        int start = position;
        enter(tag);
        return Arrays.copyOfRange(bytes, start, position);
    }

    /** Passes over the next element if it has this tag. */
    void skip(int tag) throws CertificateParsingException {
        if (hasNext() && nextTag() == tag) {
            enter(tag);
        }
    }

    /** A BOOLEAN DEFAULT FALSE; one that says the default is taken, as other readers take it. */
    boolean flag() throws CertificateParsingException {
        if (!hasNext() || nextTag() != BOOLEAN) {
            return false;
        }
        byte[] value = read(BOOLEAN);
        if (value.length != 1 || (value[0] != 0 && value[0] != TRUE)) {
            throw malformed("BOOLEAN that is neither 00 nor ff");
        }
        return value[0] == TRUE;
    }

    /** An INTEGER's octets: two's complement, big endian, at least one and none too many. */
    byte[] integer() throws CertificateParsingException {
        byte[] value = read(INTEGER);
        boolean padded =
                value.length > 1
                        && ((value[0] == 0 && value[1] >= 0) || (value[0] == -1 && value[1] < 0));
        if (value.length == 0 || padded) {
            throw malformed("INTEGER that is not minimal");
        }
        return value;
    }

    /** A BIT STRING's bits, the first first. */
    boolean[] bits() throws CertificateParsingException {
        byte[] value = read(BIT_STRING);
        int unused = value.length == 0 ? -1 : value[0];
        if (unused < 0 || unused > LAST_UNUSED_BIT || (value.length == 1 && unused > 0)) {
            throw malformed("BIT STRING with " + unused + " unused bits");
        }
        boolean[] bits = new boolean[(value.length - 1) * Byte.SIZE - unused];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = (value[1 + i / Byte.SIZE] & (MORE >> (i % Byte.SIZE))) != 0;
        }
        return bits;
    }

    /** The content of a BIT STRING of whole octets. */
    byte[] octetsOfBits() throws CertificateParsingException {
        byte[] value = read(BIT_STRING);
        if (value.length == 0 || value[0] != 0) {
            throw malformed("BIT STRING that is not whole octets");
        }
        return Arrays.copyOfRange(value, 1, value.length);
    }

    /** An OBJECT IDENTIFIER in dotted form. */
    String oid() throws CertificateParsingException {
        byte[] content = read(OBJECT_IDENTIFIER);
        if (content.length == 0 || content[content.length - 1] < 0) {
            throw malformed("OBJECT IDENTIFIER that ends within an arc");
        }
        StringBuilder dotted = new StringBuilder(2 * content.length + 2);
        int start = 0;
        for (int i = 0; i < content.length; i++) {
            if (content[i] >= 0) {
                append(dotted, content, start, i);
                start = i + 1;
            }
        }
        return dotted.toString();
    }

    private static void append(StringBuilder dotted, byte[] content, int first, int last)
            throws CertificateParsingException {
        if (content[first] == (byte) MORE) {
            throw malformed("OBJECT IDENTIFIER with a padded arc");
        }
        if (last - first > Long.SIZE / ARC_BITS - 2) {
            dotted.append('.').append(largeArc(content, first, last));
            return;
        }
        long arc = 0;
        for (int i = first; i <= last; i++) {
            arc = arc << ARC_BITS | (content[i] & (MORE - 1));
        }
        if (first > 0) {
            dotted.append('.').append(arc);
        } else {
            long top = Math.min(arc / 40, 2); // the first two arcs share a number: 40 * X + Y
            dotted.append(top).append('.').append(arc - 40 * top);
        }
    }

    private static BigInteger largeArc(byte[] content, int first, int last) {
        BigInteger arc = BigInteger.ZERO;
        for (int i = first; i <= last; i++) {
            arc = arc.shiftLeft(ARC_BITS).or(BigInteger.valueOf(content[i] & (MORE - 1)));
        }
        return arc;
    }

    /** Everything that is left. */
    byte[] rest() {
        return Arrays.copyOfRange(bytes, position, end);
    }

    void finish() throws CertificateParsingException {
        if (hasNext()) {
            throw malformed((end - position) + " trailing bytes");
        }
    }

    private int byteAt(int index) throws CertificateParsingException {
        if (index >= end) {
            throw malformed("end of data");
        }
        return bytes[index] & 0xff;
    }

    private static CertificateParsingException malformed(String found) {
        return new CertificateParsingException("DER: " + found + " (expected: well-formed DER)");
    }
}
