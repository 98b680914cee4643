package dev.countersign.server.keys.memory;

import dev.countersign.server.keys.KeyNames;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.KeyVaultException.Reason;
import dev.countersign.server.keys.LocalKey;
import dev.countersign.server.keys.SigningKey;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Keys that end with the process: for intermediates, and for tests. */
public final class MemoryKeyVault implements KeyVault {
    private final ConcurrentMap<String, SigningKey> keys = new ConcurrentHashMap<>();
    private final SecureRandom random;

    public MemoryKeyVault(SecureRandom random) {
        this.random = random;
    }

    @Override
    public SigningKey create(String name) throws KeyVaultException {
        return keep(name, LocalKey.generate(random));
    }

    @Override
    public SigningKey keep(String name, LocalKey key) throws KeyVaultException {
        if (keys.putIfAbsent(KeyNames.check(name), key) != null) {
            throw new KeyVaultException(
                    Reason.KEY_EXISTS, "key " + name + ": exists (expected: a new name)");
        }
        return key;
    }

    @Override
    public Optional<SigningKey> find(String name) {
        return Optional.ofNullable(keys.get(KeyNames.check(name)));
    }

    @Override
    public boolean destroy(String name) {
        return keys.remove(KeyNames.check(name)) != null;
    }
}
