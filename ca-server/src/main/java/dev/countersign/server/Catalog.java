package dev.countersign.server;

import dev.countersign.runtime.Closer;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.encryptedfile.EncryptedFileKeyVault;
import dev.countersign.server.keys.pkcs11.Pkcs11KeyVault;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;

/** The built-ins to choose from: one line for each. */
final class Catalog {
    private Catalog() {}

    /** The vault that the configuration names; closed by {@code closer} where it holds a secret. */
    static KeyVault keyVault(ServerConfig config, SecureRandom random, Closer closer)
            throws IOException, KeyVaultException {
        return switch (config.keys()) {
            case ServerConfig.Keys.Files files ->
                    closer.register(
                            new EncryptedFileKeyVault(
                                    keyFolder(config),
                                    PassphraseFile.read(files.passphraseFile()),
                                    files.cost(),
                                    random));
            case ServerConfig.Keys.Token token -> new Pkcs11KeyVault(token.settings());
        };
    }

    /** Where key files are. */
    static Path keyFolder(ServerConfig config) {
        return config.dataDirectory().resolve("keys");
    }
}
