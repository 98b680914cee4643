package dev.countersign.trust;

import java.security.cert.CertificateParsingException;
import java.util.Arrays;

/**
 * A strict cursor over DER (X.690, section 10): definite, minimal lengths and single-byte tags only.
 * Enough for the four extensions whose JDK getters hide malformed or unusual content.
 */
final class Der {
    static final int BOOLEAN = 0x01;
    static final int OCTET_STRING = 0x04;
    static final int SEQUENCE = 0x30;

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
