package dev.countersign.server;

import dev.countersign.runtime.ConfigReader;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.server.keys.Passphrase;
import dev.countersign.server.keys.encryptedfile.PassphraseChange;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;

/** Commands that work on the key store itself, beside a server or without one. */
final class KeyCommands {
    private KeyCommands() {}

    /** {@code countersign keys passphrase}. */
    static List<String> passphrase(Path file, Path next) throws Exception {
        ServerConfig config = ServerConfigReader.read(ConfigReader.load(file, System.getenv()));
        ServerConfig.Keys.Files present =
                switch (config.keys()) {
                    case ServerConfig.Keys.Files files -> files;
                    case ServerConfig.Keys.Secrets secrets ->
                            throw new CommandFailed(
                                    "keys.store: kubernetes-secret (expected: file; a Secret is"
                                            + " sealed once, with the passphrase it was made"
                                            + " with)");
                    case ServerConfig.Keys.Token token ->
                            throw new CommandFailed(
                                    "keys.store: pkcs11 (expected: file; a token's PIN is changed"
                                            + " with the tools of its maker)");
                };
        try (Passphrase current = PassphraseFile.read(present.passphraseFile());
                Passphrase wanted = PassphraseFile.read("--new", next)) {
            return new PassphraseChange(
                            Catalog.keyFolder(config),
                            current,
                            wanted,
                            present.cost(),
                            new SecureRandom())
                    .run();
        }
    }
}
