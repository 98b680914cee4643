package dev.countersign.server;

import dev.countersign.runtime.ConfigReader;
import dev.countersign.server.keys.pkcs11.Pkcs11Settings;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Reads {@code keys}: where roots and bundle-signing keys are.
 *
 * <pre>{@code
 * keys: {passphraseFile: /run/secrets/passphrase}     # store: file, in dataDirectory/keys
 *
 * keys:
 *   store: pkcs11
 *   pkcs11:
 *     library: /usr/lib/softhsm/libsofthsm2.so
 *     slot: 1391408433                                # default: the first of the list
 *     pinFile: /run/secrets/pin
 *     prefix: countersign                             # of the labels in the token
 * }</pre>
 */
final class KeysReader {
    private static final Path MISSING = Path.of("/missing");
    private static final long MAX_SLOT = 0xffff_ffffL;

    private enum Store {
        FILE,
        PKCS11
    }

    private final ConfigReader reader;

    KeysReader(ConfigReader reader) {
        this.reader = reader;
    }

    ServerConfig.Keys read() {
        return switch (reader.enumeration("keys.store", Store.class).orDefault(Store.FILE)) {
            case FILE -> new ServerConfig.Keys.Files(reader.path("keys.passphraseFile").required());
            case PKCS11 -> new ServerConfig.Keys.Token(pkcs11());
        };
    }

    private Pkcs11Settings pkcs11() {
        Path library = reader.path("keys.pkcs11.library").required();
        OptionalLong slot =
                reader.integer("keys.pkcs11.slot", 0, MAX_SLOT)
                        .optional()
                        .map(OptionalLong::of)
                        .orElse(OptionalLong.empty());
        Path pin = reader.path("keys.pkcs11.pinFile").required();
        String prefix =
                reader.string("keys.pkcs11.prefix").orDefault(Pkcs11Settings.DEFAULT_PREFIX);
        try {
            return new Pkcs11Settings(library, slot, pin, prefix);
        } catch (IllegalArgumentException wrong) {
            reader.problem("keys.pkcs11", String.valueOf(wrong.getMessage()), "a usable token");
            return new Pkcs11Settings(MISSING, slot, MISSING, Pkcs11Settings.DEFAULT_PREFIX);
        }
    }
}
