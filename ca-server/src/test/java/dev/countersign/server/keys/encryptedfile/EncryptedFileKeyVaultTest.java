package dev.countersign.server.keys.encryptedfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultContract;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.KeyVaultException.Reason;
import dev.countersign.server.keys.Passphrase;
import dev.countersign.server.keys.SigningKey;
import dev.countersign.server.x509.Scrypt;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EncryptedFileKeyVaultTest extends KeyVaultContract {
    private static final Scrypt CHEAP = new Scrypt(1 << 10, 8, 1);

    @TempDir Path temp;

    @Override
    protected KeyVault vault() throws Exception {
        return vault("correct horse");
    }

    @Test
    void folderAndFilesAreTheOwnersOnly() throws Exception {
        vault().create("root-1");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder())))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file("root-1"))))
                .isEqualTo("rw-------");
    }

    @Test
    void nothingIsLeftBesideTheKey() throws Exception {
        vault().create("root-1");

        try (Stream<Path> files = Files.list(folder())) {
            assertThat(files).containsExactly(file("root-1"));
        }
    }

    @Test
    void theFileTellsPublicFactsOnly() throws Exception {
        SigningKey key = vault().create("root-1");

        String text = Files.readString(file("root-1"));

        assertThat(text.lines().map(line -> line.replaceFirst(":.*", "")))
                .containsExactly(
                        "countersign key v1",
                        "name",
                        "public-key",
                        "scrypt-n",
                        "scrypt-r",
                        "scrypt-p",
                        "salt",
                        "passphrase-check",
                        "nonce",
                        "sealed-key",
                        "sha256");
        assertThat(text).doesNotContain("correct horse");
        assertThat(key.toString()).contains("hidden");
    }

    @Test
    void aWrongPassphraseIsSaidToBeOne() throws Exception {
        vault().create("root-1");

        assertRefused(vault("battery staple"), Reason.WRONG_PASSPHRASE, "wrong passphrase");
    }

    @Test
    void everyDamagedByteIsSaidToBeDamage() throws Exception {
        vault().create("root-1");
        byte[] good = Files.readAllBytes(file("root-1"));
        Random random = new Random(20_260_103L);
        for (int i = 0; i < good.length; i++) {
            byte[] damaged = good.clone();
            damaged[i] ^= (byte) (1 << random.nextInt(8));
            Files.write(file("root-1"), damaged);

            assertRefused(vault(), Reason.KEY_FILE_CORRUPT, "(expected: ");
        }
    }

    @Test
    void aTruncatedFileIsSaidToBeDamaged() throws Exception {
        vault().create("root-1");
        byte[] good = Files.readAllBytes(file("root-1"));
        for (int length = 0; length < good.length; length++) {
            Files.write(file("root-1"), Arrays.copyOf(good, length));

            assertRefused(vault(), Reason.KEY_FILE_CORRUPT, "root-1.key: ");
        }
    }

    @Test
    void anOversizedFileIsNotRead() throws Exception {
        vault().create("root-1");
        Files.write(file("root-1"), new byte[KeyFile.MAX_BYTES + 1]);

        assertRefused(vault(), Reason.KEY_FILE_CORRUPT, "8193 bytes (expected: <= 8192)");
    }

    @Test
    void theFileOfAnotherKeyIsRefused() throws Exception {
        vault().create("root-1");
        vault().create("root-2");
        Files.copy(
                file("root-2"),
                file("root-1"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING,
                java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);

        assertRefused(vault(), Reason.KEY_FILE_CORRUPT, "holds another key");
    }

    @Test
    void aForgedNameBreaksTheSeal() throws Exception {
        vault().create("root-2");
        String forged = Files.readString(file("root-2")).replace("name: root-2", "name: root-1");
        writeSecret(file("root-1"), withFreshChecksum(forged));

        assertRefused(vault(), Reason.KEY_FILE_CORRUPT, "seal is broken");
    }

    @Test
    void anExchangedPublicKeyBreaksTheSeal() throws Exception {
        vault().create("root-1");
        vault().create("root-2");
        String forged =
                Files.readString(file("root-1"))
                        .replace(line("root-1", "public-key"), line("root-2", "public-key"));
        Files.writeString(file("root-1"), withFreshChecksum(forged));

        assertRefused(vault(), Reason.KEY_FILE_CORRUPT, "seal is broken");
    }

    @Test
    void costsOutsideTheBoundsAreNotPaid() throws Exception {
        vault().create("root-1");
        String forged =
                Files.readString(file("root-1")).replace("scrypt-n: 1024", "scrypt-n: 1073741824");
        Files.writeString(file("root-1"), withFreshChecksum(forged));

        assertRefused(vault(), Reason.KEY_FILE_CORRUPT, "scrypt N: 1073741824");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rwx------"})
    void filesThatOthersMayTouchAreRefused(String permissions) throws Exception {
        vault().create("root-1");
        Files.setPosixFilePermissions(file("root-1"), PosixFilePermissions.fromString(permissions));

        assertRefused(vault(), Reason.KEY_FILE_PERMISSIONS, permissions);
    }

    @Test
    void linksAreNotFollowed() throws Exception {
        vault().create("root-2");
        Files.createSymbolicLink(file("root-1"), file("root-2"));

        assertRefused(vault(), Reason.KEY_FILE_PERMISSIONS, "regular file");
    }

    @Test
    void aFolderThatOthersMayWriteToIsRefused() throws Exception {
        Files.createDirectory(folder());
        Files.setPosixFilePermissions(folder(), PosixFilePermissions.fromString("rwxrwx---"));

        assertThatExceptionOfType(KeyVaultException.class)
                .isThrownBy(this::vault)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.KEY_FILE_PERMISSIONS));
    }

    @Test
    void aFileInPlaceOfTheFolderIsRefused() throws Exception {
        Files.writeString(folder(), "");

        assertThatExceptionOfType(KeyVaultException.class)
                .isThrownBy(() -> vault().create("root-1"))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE));
    }

    @Test
    void keysFoundBeforeClosingGoOnSigning() throws Exception {
        EncryptedFileKeyVault vault = vault("correct horse");
        SigningKey key = vault.create("root-1");

        vault.close();

        assertThat(key.sign(new byte[] {1})).isNotEmpty();
        org.assertj.core.api.Assertions.assertThatIllegalStateException()
                .isThrownBy(() -> vault.find("root-1"));
    }

    @Test
    void theSameKeyIsSealedDifferentlyEachTime() throws Exception {
        vault().create("a");
        vault().create("b");

        for (String label : List.of("salt", "nonce", "sealed-key", "passphrase-check")) {
            assertThat(line("a", label)).isNotEqualTo(line("b", label));
        }
    }

    private EncryptedFileKeyVault vault(String passphrase) throws KeyVaultException {
        return new EncryptedFileKeyVault(
                folder(), Passphrase.takeOver(passphrase.toCharArray()), CHEAP, new SecureRandom());
    }

    private Path folder() {
        return temp.resolve("keys");
    }

    private Path file(String name) {
        return folder().resolve(name + ".key");
    }

    private String line(String name, String label) throws Exception {
        return Files.readString(file(name))
                .lines()
                .filter(l -> l.startsWith(label + ": "))
                .findFirst()
                .orElseThrow();
    }

    private static void assertRefused(KeyVault vault, Reason reason, String message) {
        assertThatExceptionOfType(KeyVaultException.class)
                .isThrownBy(() -> vault.find("root-1"))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private static void writeSecret(Path file, String text) throws Exception {
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text);
    }

    private static String withFreshChecksum(String text) throws Exception {
        String body = text.substring(0, text.indexOf("sha256: "));
        byte[] digest =
                MessageDigest.getInstance("SHA-256")
                        .digest(body.getBytes(StandardCharsets.ISO_8859_1));
        return body + "sha256: " + HexFormat.of().formatHex(digest) + "\n";
    }
}
