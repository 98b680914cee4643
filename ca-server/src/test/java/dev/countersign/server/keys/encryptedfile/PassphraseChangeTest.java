package dev.countersign.server.keys.encryptedfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.KeyVaultException.Reason;
import dev.countersign.server.keys.Passphrase;
import dev.countersign.server.keys.SigningKey;
import dev.countersign.server.x509.Scrypt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PassphraseChangeTest {
    private static final Scrypt CHEAP = new Scrypt(1 << 10, 8, 1);
    private static final Scrypt DEARER = new Scrypt(1 << 11, 8, 1);
    private static final String OLD = "correct horse";
    private static final String NEW = "battery staple";

    private final SecureRandom random = new SecureRandom();

    @TempDir Path folder;

    @Test
    void everyKeyOpensWithTheNewPassphraseOnly() throws Exception {
        SigningKey root = vault(OLD).create("root-1");
        vault(OLD).create("bundle-1");

        assertThat(change(OLD, NEW)).containsExactly("bundle-1", "root-1");

        assertThat(vault(NEW).find("root-1").orElseThrow().publicKey()).isEqualTo(root.publicKey());
        assertRefused(OLD, Reason.WRONG_PASSPHRASE);
        assertThat(Files.readString(folder.resolve("root-1.key"))).contains("scrypt-n: 2048");
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(folder.resolve("root-1.key"))))
                .isEqualTo("rw-------");
    }

    @Test
    void whoWasInterruptedDoesItAgain() throws Exception {
        vault(OLD).create("root-1");
        change(OLD, NEW);
        vault(OLD).create("root-2");

        assertThat(change(OLD, NEW)).containsExactly("root-2");
        assertThat(change(OLD, NEW)).isEmpty();
    }

    @Test
    void aFileThatNeitherOpensStopsEverything() throws Exception {
        vault(OLD).create("a-first");
        vault("something else").create("root-1");

        assertThatExceptionOfType(KeyVaultException.class)
                .isThrownBy(() -> change(OLD, NEW))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.WRONG_PASSPHRASE));

        assertThat(vault(OLD).find("a-first")).isPresent();
    }

    @Test
    void aSwappedFileStopsEverything() throws Exception {
        vault(OLD).create("root-1");
        vault(OLD).create("root-2");
        Files.copy(folder.resolve("root-1.key"), folder.resolve("root-3.key"));
        Files.setPosixFilePermissions(
                folder.resolve("root-3.key"), PosixFilePermissions.fromString("rw-------"));

        assertThatExceptionOfType(KeyVaultException.class)
                .isThrownBy(() -> change(OLD, NEW))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.KEY_FILE_CORRUPT));

        assertThat(vault(OLD).find("root-1")).isPresent();
    }

    private List<String> change(String current, String next) throws KeyVaultException {
        try (Passphrase one = passphrase(current);
                Passphrase other = passphrase(next)) {
            return new PassphraseChange(folder, one, other, DEARER, random).run();
        }
    }

    private void assertRefused(String passphrase, Reason reason) {
        assertThatExceptionOfType(KeyVaultException.class)
                .isThrownBy(() -> vault(passphrase).find("root-1"))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private EncryptedFileKeyVault vault(String passphrase) throws KeyVaultException {
        return new EncryptedFileKeyVault(folder, passphrase(passphrase), CHEAP, random);
    }

    private static Passphrase passphrase(String text) {
        return Passphrase.takeOver(text.toCharArray());
    }
}
