package dev.countersign.server.cli.root;

import dev.countersign.runtime.AtomicFiles;
import dev.countersign.server.cli.CommandFailed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;

/** An operator's own private key, from a file that only its owner may read. */
final class ApprovalKey {
    private static final int MAX_BYTES = 8192;
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";

    /** Signature algorithms by the algorithm of the key. */
    private static final Map<String, String> KINDS =
            Map.of("EC", "SHA256withECDSA", "Ed25519", "Ed25519");

    private final PrivateKey key;
    private final String algorithm;

    private ApprovalKey(PrivateKey key, String algorithm) {
        this.key = key;
        this.algorithm = algorithm;
    }

    /** Reads PKCS#8 PEM. */
    static ApprovalKey read(Path file) {
        byte[] encoded = decode(file);
        try {
            for (Map.Entry<String, String> kind : KINDS.entrySet()) {
                try {
                    return new ApprovalKey(
                            KeyFactory.getInstance(kind.getKey())
                                    .generatePrivate(new PKCS8EncodedKeySpec(encoded)),
                            kind.getValue());
                } catch (GeneralSecurityException anotherKind) {
                    // Perhaps the next one reads it.
                }
            }
            throw unusable(file, "another kind of key");
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    byte[] sign(byte[] message) {
        try {
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(message);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new CommandFailed("key does not sign: " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return "ApprovalKey[hidden]";
    }

    private static byte[] decode(Path file) {
        byte[] bytes;
        try {
            bytes = AtomicFiles.readSecret(file, MAX_BYTES);
        } catch (IOException unreadable) {
            throw new CommandFailed("--key: " + unreadable.getMessage(), unreadable);
        }
        String text = new String(bytes, StandardCharsets.ISO_8859_1).strip();
        Arrays.fill(bytes, (byte) 0);
        if (!text.startsWith(BEGIN) || !text.endsWith(END)) {
            throw unusable(file, "no " + BEGIN);
        }
        try {
            return Base64.getMimeDecoder()
                    .decode(text.substring(BEGIN.length(), text.length() - END.length()));
        } catch (IllegalArgumentException notBase64) {
            throw unusable(file, "no base64");
        }
    }

    private static CommandFailed unusable(Path file, String found) {
        return new CommandFailed(
                "--key: "
                        + file
                        + ": "
                        + found
                        + " (expected: PKCS#8 PEM of a P-256 or Ed25519 key)");
    }
}
