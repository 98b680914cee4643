package dev.countersign.server.keys.encryptedfile;

import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.KeyVaultException.Reason;
import dev.countersign.server.keys.LocalKey;
import dev.countersign.server.keys.Passphrase;
import dev.countersign.server.x509.Scrypt;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals keys with scrypt and AES-256-GCM. Of the 64 derived bytes the first half encrypts and the
 * second half only makes the value that tells a wrong passphrase from a damaged file. {@link #close}
 * zeroes what was derived.
 */
final class KeySeal implements AutoCloseable {
    private static final int TAG_BITS = 128;
    private static final int HALF = 32;
    private static final byte[] CHECKED =
            "countersign key v1 passphrase check".getBytes(StandardCharsets.US_ASCII);

    private final DerivedKeys keys;
    private final SecureRandom random;

    /** The passphrase remains the caller's. */
    KeySeal(Passphrase passphrase, SecureRandom random) {
        this.keys = new DerivedKeys(passphrase, random, 2 * HALF);
        this.random = random;
    }

    KeyFile seal(String name, LocalKey key, Scrypt cost) throws KeyVaultException {
        byte[] salt = keys.salt(cost);
        byte[] derived = keys.derive(cost, salt);
        byte[] clear = key.exposePrivateKey();
        try {
            KeyFile unsealed =
                    new KeyFile(
                            name,
                            key.publicKey().getEncoded(),
                            cost,
                            salt,
                            check(derived),
                            random(KeyFile.NONCE),
                            new byte[0]);
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, derived, unsealed).doFinal(clear);
            return new KeyFile(
                    name,
                    unsealed.publicKey(),
                    cost,
                    salt,
                    unsealed.check(),
                    unsealed.nonce(),
                    sealed);
        } catch (GeneralSecurityException e) {
            throw new KeyVaultException(Reason.UNAVAILABLE, "key " + name + ": not sealed", e);
        } finally {
            Arrays.fill(derived, (byte) 0);
            Arrays.fill(clear, (byte) 0);
        }
    }

    LocalKey open(KeyFile file) throws KeyVaultException {
        byte[] derived = keys.derive(file.cost(), file.salt());
        try {
            if (!MessageDigest.isEqual(check(derived), file.check())) {
                throw new KeyVaultException(
                        Reason.WRONG_PASSPHRASE,
                        "key "
                                + file.name()
                                + ": wrong passphrase (expected: the one it was"
                                + " sealed with)");
            }
            byte[] clear = cipher(Cipher.DECRYPT_MODE, derived, file).doFinal(file.sealed());
            try {
                return LocalKey.decode(clear, file.publicKey());
            } finally {
                Arrays.fill(clear, (byte) 0);
            }
        } catch (AEADBadTagException e) {
            throw new KeyVaultException(
                    Reason.KEY_FILE_CORRUPT,
                    "key " + file.name() + ": seal is broken (expected: as it was written)");
        } catch (GeneralSecurityException e) {
            throw new KeyVaultException(
                    Reason.KEY_FILE_CORRUPT, "key " + file.name() + ": not a P-256 key pair", e);
        } finally {
            Arrays.fill(derived, (byte) 0);
        }
    }

    @Override
    public void close() {
        keys.close();
    }

    private static byte[] check(byte[] derived) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(derived, HALF, HALF, "HmacSHA256"));
        return Arrays.copyOf(mac.doFinal(CHECKED), KeyFile.CHECK);
    }

    private static Cipher cipher(int mode, byte[] derived, KeyFile file)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                mode,
                new SecretKeySpec(derived, 0, HALF, "AES"),
                new GCMParameterSpec(TAG_BITS, file.nonce()));
        cipher.updateAAD(file.header());
        return cipher;
    }

    private byte[] random(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
