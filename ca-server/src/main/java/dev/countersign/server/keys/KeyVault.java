package dev.countersign.server.keys;

import java.util.Optional;

/**
 * Where signing keys live. One folder per implementation, all under {@code KeyVaultContract}. Names
 * are {@code [a-z0-9-]}, at most 64 characters.
 */
public interface KeyVault {
    /**
     * Makes and keeps a new P-256 key.
     *
     * @throws KeyVaultException {@code KEY_EXISTS} when the name is taken; nothing is overwritten
     */
    SigningKey create(String name) throws KeyVaultException;

    /**
     * Keeps a key that was made elsewhere.
     *
     * @throws KeyVaultException {@code KEY_EXISTS} when the name is taken, {@code
     *     KEY_MADE_HERE_ONLY} when this vault takes none from outside
     */
    default SigningKey keep(String name, LocalKey key) throws KeyVaultException {
        throw new KeyVaultException(
                KeyVaultException.Reason.KEY_MADE_HERE_ONLY,
                "key "
                        + name
                        + ": made elsewhere (expected: made in this key store, which lets none in"
                        + " and none out)");
    }

    /** The key of that name; empty when there is none. */
    Optional<SigningKey> find(String name) throws KeyVaultException;

    /**
     * Destroys the key of that name for good. Who holds it already may go on signing.
     *
     * @return whether there was one
     */
    boolean destroy(String name) throws KeyVaultException;
}
