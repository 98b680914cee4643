package dev.countersign.server.keys.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultContract;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

final class MemoryKeyVaultTest extends KeyVaultContract {
    private final MemoryKeyVault vault = new MemoryKeyVault(new SecureRandom());

    @Override
    protected KeyVault vault() {
        return vault;
    }

    @Test
    void aForgottenKeyIsGone() throws Exception {
        vault.create("intermediate-1");

        vault.forget("intermediate-1");

        assertThat(vault.find("intermediate-1")).isEmpty();
    }
}
