package dev.countersign.server.keys.pkcs11;

import dev.countersign.server.keys.KeyNames;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.KeyVaultException.Reason;
import dev.countersign.server.keys.SigningKey;
import dev.countersign.trust.NativeCrypto;
import java.security.PublicKey;
import java.util.Optional;

/**
 * Keys in a PKCS#11 token, {@code <prefix>-<name>} by label. Of several processes that create the
 * same name at once each may believe it was first, because tokens know no unique labels: the
 * authority's journal decides, and the slower process then refuses the key as another than it made.
 */
public final class Pkcs11KeyVault implements KeyVault {
    private final Pkcs11Token token;
    private final String prefix;

    /**
     * Logs in.
     *
     * @throws KeyVaultException {@code WRONG_PASSPHRASE}, {@code UNAVAILABLE} or {@code
     *     KEY_FILE_PERMISSIONS} of the file with the PIN
     */
    public Pkcs11KeyVault(Pkcs11Settings settings) throws KeyVaultException {
        this.token = new Pkcs11Token(settings);
        this.prefix = settings.prefix() + "-";
        token.use(session -> session);
    }

    @Override
    public synchronized SigningKey create(String name) throws KeyVaultException {
        String label = prefix + KeyNames.check(name);
        return token.use(session -> {
            if (session.find(label).isPresent()) {
                throw new KeyVaultException(
                        Reason.KEY_EXISTS, "key " + label + ": exists (expected: a new name)");
            }
            return key(label, session.create(label));
        });
    }

    @Override
    public Optional<SigningKey> find(String name) throws KeyVaultException {
        String label = prefix + KeyNames.check(name);
        return token.use(session -> session.find(label).map(entry -> key(label, entry)));
    }

    @Override
    public synchronized boolean destroy(String name) throws KeyVaultException {
        String label = prefix + KeyNames.check(name);
        return token.use(session -> session.destroy(label));
    }

    private SigningKey key(String label, Pkcs11Session.Entry entry) {
        PublicKey publicKey = NativeCrypto.nativeKey(entry.holder().getPublicKey());
        return new Pkcs11Key(token, label, publicKey);
    }
}
