package dev.countersign.server.keys.pkcs11;

import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.KeyVaultException.Reason;
import dev.countersign.server.x509.KeyHolder;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.InvalidParameterException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Optional;
import javax.security.auth.login.FailedLoginException;
import org.jspecify.annotations.Nullable;

/** A log-in to the token. Once a call has failed it is not used again. Thread-safe. */
final class Pkcs11Session {
    static final String ALGORITHM = "SHA256withECDSA";

    private final Provider provider;
    private final KeyStore store;

    /** A private key in the token, with the certificate that carries its public key. */
    record Entry(PrivateKey key, Certificate holder) {}

    private Pkcs11Session(Provider provider, KeyStore store) {
        this.provider = provider;
        this.store = store;
    }

    /**
     * Logs in.
     *
     * @param pin zeroed afterwards
     * @throws KeyVaultException {@code WRONG_PASSPHRASE} when the token refuses the PIN, {@code
     *     UNAVAILABLE} when there is no token or library
     */
    static Pkcs11Session open(Pkcs11Settings settings, char[] pin) throws KeyVaultException {
        try {
            Provider provider =
                    Security.getProvider("SunPKCS11").configure(settings.configuration());
            KeyStore store = KeyStore.getInstance("PKCS11", provider);
            store.load(null, pin);
            return new Pkcs11Session(provider, store);
        } catch (IOException e) {
            throw loginFailed(settings, e);
        } catch (GeneralSecurityException
                | ProviderException
                | InvalidParameterException
                | UnsupportedOperationException e) {
            throw unavailable("no token by " + settings.library(), e);
        } finally {
            Arrays.fill(pin, '\0');
        }
    }

    /** Looks into the token, not at what was there before. */
    Optional<Entry> find(String label) throws KeyVaultException {
        try {
            store.load(null, null);
            Key key = store.getKey(label, null);
            Certificate holder = store.getCertificate(label);
            return key instanceof PrivateKey found && holder != null
                    ? Optional.of(new Entry(found, holder))
                    : Optional.empty();
        } catch (IOException | GeneralSecurityException | ProviderException e) {
            throw unavailable("token does not answer", e);
        }
    }

    /** Makes a key in the token under a label that is free. */
    Entry create(String label) throws KeyVaultException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", provider);
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            X509Certificate holder =
                    KeyHolder.make(pair.getPublic(), message -> sign(pair.getPrivate(), message));
            store.setKeyEntry(label, pair.getPrivate(), null, new Certificate[] {holder});
        } catch (GeneralSecurityException | ProviderException e) {
            throw unavailable("token does not make a key", e);
        }
        return find(label).orElseThrow(() -> unavailable("token does not keep a key", null));
    }

    boolean destroy(String label) throws KeyVaultException {
        try {
            store.load(null, null);
            if (!store.containsAlias(label)) {
                return false;
            }
            store.deleteEntry(label);
            return true;
        } catch (IOException | GeneralSecurityException | ProviderException e) {
            throw unavailable("token does not destroy a key", e);
        }
    }

    byte[] sign(PrivateKey key, byte[] message) throws GeneralSecurityException {
        Signature signer = Signature.getInstance(ALGORITHM, provider);
        signer.initSign(key);
        signer.update(message);
        return signer.sign();
    }

    static KeyVaultException unavailable(String what, @Nullable Exception cause) {
        String message = what + " (expected: a PKCS#11 token that is there and logged in)";
        return cause == null
                ? new KeyVaultException(Reason.UNAVAILABLE, message)
                : new KeyVaultException(Reason.UNAVAILABLE, message, cause);
    }

    private static KeyVaultException loginFailed(Pkcs11Settings settings, IOException failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof FailedLoginException) {
                return new KeyVaultException(
                        Reason.WRONG_PASSPHRASE,
                        "PIN in "
                                + settings.pinFile()
                                + ": refused by the token (expected: the user's PIN)",
                        failed);
            }
        }
        return unavailable("log-in failed", failed);
    }
}
