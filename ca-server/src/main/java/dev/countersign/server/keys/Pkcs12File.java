package dev.countersign.server.keys;

import dev.countersign.server.keys.KeyVaultException.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One key with its certificates, from a PKCS#12 file (RFC 7292).
 *
 * @param chain the key's certificate first, as the file has them
 */
public record Pkcs12File(List<X509Certificate> chain, LocalKey key) {
    /** Bytes of a file. */
    public static final int MAX_BYTES = 64 * 1024;

    public Pkcs12File {
        chain = List.copyOf(chain);
    }

    /**
     * Opens a file.
     *
     * @param passphrase stays the caller's, who zeroes it
     * @throws KeyVaultException {@code WRONG_PASSPHRASE}, {@code KEY_FILE_CORRUPT} unless there is
     *     exactly one key, {@code KEY_KIND} unless it is P-256 and its certificate's own
     */
    public static Pkcs12File read(byte[] file, char[] passphrase) throws KeyVaultException {
        if (file.length > MAX_BYTES) {
            throw corrupt(file.length + " bytes (expected: <= " + MAX_BYTES + ")", null);
        }
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(file), passphrase);
            String alias = only(store);
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate one : store.getCertificateChain(alias)) {
                chain.add((X509Certificate) one);
            }
            PrivateKey key = (PrivateKey) store.getKey(alias, passphrase);
            return new Pkcs12File(chain, local(key, chain.getFirst()));
        } catch (IOException unopened) {
            throw unopened.getCause() instanceof UnrecoverableKeyException
                    ? wrongPassphrase(unopened)
                    : corrupt(unopened.getMessage() + " (expected: a PKCS#12 file)", unopened);
        } catch (UnrecoverableKeyException locked) {
            throw wrongPassphrase(locked);
        } catch (GeneralSecurityException | ClassCastException unreadable) {
            throw corrupt(unreadable.getMessage() + " (expected: a PKCS#12 file)", unreadable);
        }
    }

    @Override
    public String toString() {
        return "Pkcs12File[" + chain.getFirst().getSubjectX500Principal() + "]";
    }

    private static String only(KeyStore store) throws GeneralSecurityException, KeyVaultException {
        List<String> keys = new ArrayList<>();
        for (String alias : Collections.list(store.aliases())) {
            if (store.isKeyEntry(alias)) {
                keys.add(alias);
            }
        }
        if (keys.size() != 1) {
            throw corrupt(
                    keys.size() + " private keys (expected: one, with its certificates)", null);
        }
        return keys.getFirst();
    }

    private static LocalKey local(PrivateKey key, X509Certificate certificate)
            throws KeyVaultException {
        byte[] encoded = key.getEncoded();
        try {
            return LocalKey.decode(encoded, certificate.getPublicKey().getEncoded());
        } catch (GeneralSecurityException other) {
            throw new KeyVaultException(
                    Reason.KEY_KIND,
                    "PKCS#12: key: "
                            + key.getAlgorithm()
                            + ", or not of its certificate (expected: P-256, and the certificate's"
                            + " own)",
                    other);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    private static KeyVaultException wrongPassphrase(Exception cause) {
        return new KeyVaultException(
                Reason.WRONG_PASSPHRASE,
                "PKCS#12: does not open (expected: the passphrase that it was sealed with)",
                cause);
    }

    private static KeyVaultException corrupt(String message, @Nullable Exception cause) {
        KeyVaultException corrupt =
                new KeyVaultException(Reason.KEY_FILE_CORRUPT, "PKCS#12: " + message);
        if (cause != null) {
            corrupt.initCause(cause);
        }
        return corrupt;
    }
}
