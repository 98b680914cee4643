package dev.countersign.agent.svid;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.util.HexFormat;

/**
 * A PKCS#10 request (RFC 2986) that says only "I hold this key": empty subject, no attributes. Who
 * the key belongs to, the server derives from the attestation. The few bytes of DER are written by
 * hand, so that an agent needs no certificate library to start.
 */
final class CertificateSigningRequest {
    private static final int SEQUENCE = 0x30;
    private static final int BIT_STRING = 0x03;
    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};
    private static final byte[] EMPTY_NAME = {SEQUENCE, 0x00};
    private static final byte[] NO_ATTRIBUTES = {(byte) 0xa0, 0x00};

    /** AlgorithmIdentifier of ecdsa-with-SHA256, 1.2.840.10045.4.3.2 (RFC 5758, section 3.2). */
    private static final byte[] ECDSA_SHA256 = HexFormat.of().parseHex("300a06082a8648ce3d040302");

    private CertificateSigningRequest() {}

    /**
     * @param pair a P-256 pair; its private half proves possession
     * @return DER
     */
    static byte[] of(KeyPair pair) throws GeneralSecurityException {
        byte[] info =
                der(SEQUENCE, VERSION_0, EMPTY_NAME, pair.getPublic().getEncoded(), NO_ATTRIBUTES);
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(pair.getPrivate());
        signature.update(info);
        byte[] noUnusedBits = {0x00};
        return der(SEQUENCE, info, ECDSA_SHA256, der(BIT_STRING, noUnusedBits, signature.sign()));
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        writeLength(out, content.size());
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }

    /** X.690, section 10.1: the definite form, in as few bytes as possible. */
    private static void writeLength(ByteArrayOutputStream out, int length) {
        if (length < 0x80) {
            out.write(length);
        } else if (length < 0x100) {
            out.write(0x81);
            out.write(length);
        } else {
            out.write(0x82);
            out.write(length >>> 8);
            out.write(length & 0xff);
        }
    }
}
