package dev.countersign.server;

import dev.countersign.runtime.ConfigReader;
import dev.countersign.server.keys.pkcs11.Pkcs11Settings;
import dev.countersign.server.kubernetes.keys.SecretKeyVault;
import dev.countersign.server.x509.Scrypt;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Reads {@code keys}: where roots and bundle-signing keys are.
 *
 * <pre>{@code
 * keys:                                               # store: file, in dataDirectory/keys
 *   passphraseFile: /run/secrets/passphrase
 *   scryptN: 131072                                   # cost of trying one passphrase
 *
 * keys:
 *   store: kubernetes-secret                          # in the install namespace
 *   passphraseFile: /run/secrets/passphrase
 *   secretPrefix: countersign-key-
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

    /** 16 MiB and some hundredths of a second; less is too little for a passphrase that people made. */
    private static final int MIN_N = 1 << 14;

    private static final int MAX_N = 1 << 20;
    private static final long MAX_SLOT = 0xffff_ffffL;

    private enum Store {
        FILE,
        KUBERNETES_SECRET,
        PKCS11
    }

    private final ConfigReader reader;

    KeysReader(ConfigReader reader) {
        this.reader = reader;
    }

    ServerConfig.Keys read() {
        return switch (reader.enumeration("keys.store", Store.class).orDefault(Store.FILE)) {
            case FILE ->
                    new ServerConfig.Keys.Files(
                            reader.path("keys.passphraseFile").required(), cost());
            case KUBERNETES_SECRET -> secrets();
            case PKCS11 -> new ServerConfig.Keys.Token(pkcs11());
        };
    }

    private ServerConfig.Keys secrets() {
        if (!reader.has("kubernetes")) {
            reader.problem("keys.store", "kubernetes-secret", "another without kubernetes");
        }
        return new ServerConfig.Keys.Secrets(
                reader.path("keys.passphraseFile").required(),
                cost(),
                reader.string("keys.secretPrefix")
                        .check(
                                text -> text.matches("[a-z0-9][a-z0-9-]{0,62}"),
                                "1 to 63 of a-z 0-9 -")
                        .orDefault(SecretKeyVault.DEFAULT_PREFIX));
    }

    private Scrypt cost() {
        long n = reader.integer("keys.scryptN", MIN_N, MAX_N).orDefault((long) Scrypt.DEFAULT.n());
        if (Long.bitCount(n) == 1) {
            return new Scrypt((int) n, Scrypt.DEFAULT.r(), Scrypt.DEFAULT.p());
        }
        reader.problem("keys.scryptN", String.valueOf(n), "a power of two");
        return Scrypt.DEFAULT;
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
