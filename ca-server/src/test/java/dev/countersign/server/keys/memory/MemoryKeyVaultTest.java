package dev.countersign.server.keys.memory;

import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultContract;
import java.security.SecureRandom;

final class MemoryKeyVaultTest extends KeyVaultContract {
    private final MemoryKeyVault vault = new MemoryKeyVault(new SecureRandom());

    @Override
    protected KeyVault vault() {
        return vault;
    }
}
