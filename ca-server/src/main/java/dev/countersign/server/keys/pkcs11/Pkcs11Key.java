package dev.countersign.server.keys.pkcs11;

import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.KeyVaultException.Reason;
import dev.countersign.server.keys.SigningKey;
import dev.countersign.trust.NativeCrypto;
import java.security.GeneralSecurityException;
import java.security.ProviderException;
import java.security.PublicKey;

/** A key that stays in the token. */
final class Pkcs11Key implements SigningKey {
    private final Pkcs11Token token;
    private final String label;
    private final PublicKey publicKey;

    Pkcs11Key(Pkcs11Token token, String label, PublicKey publicKey) {
        this.token = token;
        this.label = label;
        this.publicKey = publicKey;
    }

    @Override
    public PublicKey publicKey() {
        return publicKey;
    }

    @Override
    public String signatureAlgorithm() {
        return Pkcs11Session.ALGORITHM;
    }

    /**
     * Asks the token for the key each time: what it calls a key is good for one log-in only, and
     * root keys sign a few times a day.
     */
    @Override
    public byte[] sign(byte[] message) throws KeyVaultException {
        return token.use(session -> sign(session, message));
    }

    @Override
    public String toString() {
        return "Pkcs11Key[hidden]";
    }

    private byte[] sign(Pkcs11Session session, byte[] message) throws KeyVaultException {
        Pkcs11Session.Entry entry =
                session.find(label)
                        .orElseThrow(
                                () -> Pkcs11Session.unavailable("key " + label + ": gone", null));
        byte[] signature;
        try {
            signature = session.sign(entry.key(), message);
        } catch (GeneralSecurityException | ProviderException e) {
            throw Pkcs11Session.unavailable("key " + label + ": token does not sign", e);
        }
        if (!NativeCrypto.verify(Pkcs11Session.ALGORITHM, publicKey, signature, message)) {
            throw new KeyVaultException(
                    Reason.KEY_FILE_CORRUPT,
                    "key " + label + ": the token's is another (expected: the one it was)");
        }
        return signature;
    }
}
