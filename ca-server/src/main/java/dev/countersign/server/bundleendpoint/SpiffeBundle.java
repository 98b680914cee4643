package dev.countersign.server.bundleendpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.trust.TrustBundle;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.Base64;

/** A trust bundle as a SPIFFE bundle document: a JWK set (RFC 7517) with three parameters more. */
public final class SpiffeBundle {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int BITS_IN_BYTE = 8;

    private SpiffeBundle() {}

    /**
     * The document, UTF-8.
     *
     * @param refreshHint how often a reader should look
     */
    public static byte[] encode(TrustBundle bundle, Duration refreshHint) {
        ObjectNode document = JSON.createObjectNode();
        ArrayNode keys = document.putArray("keys");
        bundle.roots().forEach(root -> keys.add(key(root)));
        document.put("spiffe_sequence", bundle.epoch());
        document.put("spiffe_refresh_hint", refreshHint.toSeconds());
        try {
            return (JSON.writeValueAsString(document) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible); // a tree always has a text
        }
    }

    /** X509-SVID, section 6: {@code use} and exactly one {@code x5c}, and no {@code kid}. */
    private static ObjectNode key(X509Certificate root) {
        ObjectNode jwk = JSON.createObjectNode();
        jwk.put("use", "x509-svid");
        switch (root.getPublicKey()) {
            case ECPublicKey ec -> {
                int bits = ec.getParams().getCurve().getField().getFieldSize();
                int length = (bits + BITS_IN_BYTE - 1) / BITS_IN_BYTE;
                jwk.put("kty", "EC");
                jwk.put("crv", "P-" + bits);
                jwk.put("x", base64Url(ec.getW().getAffineX(), length));
                jwk.put("y", base64Url(ec.getW().getAffineY(), length));
            }
            case RSAPublicKey rsa -> {
                jwk.put("kty", "RSA");
                jwk.put("n", base64Url(rsa.getModulus(), 0));
                jwk.put("e", base64Url(rsa.getPublicExponent(), 0));
            }
            default ->
                    throw new IllegalStateException(
                            "root key: "
                                    + root.getPublicKey().getAlgorithm()
                                    + " (expected: EC or RSA)");
        }
        jwk.putArray("x5c").add(Base64.getEncoder().encodeToString(encoded(root)));
        return jwk;
    }

    /** Big-endian without a sign, padded to {@code length} bytes (RFC 7518, section 6.2.1.2). */
    private static String base64Url(BigInteger number, int length) {
        byte[] signed = number.toByteArray();
        int from = signed.length > 1 && signed[0] == 0 ? 1 : 0;
        int size = Math.max(length, signed.length - from);
        byte[] bytes = new byte[size];
        System.arraycopy(signed, from, bytes, size - (signed.length - from), signed.length - from);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte[] encoded(X509Certificate root) {
        try {
            return root.getEncoded();
        } catch (CertificateEncodingException impossible) {
            throw new IllegalStateException(impossible); // it was decoded from these bytes
        }
    }
}
