package dev.countersign.server.keys.encryptedfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.server.keys.Passphrase;
import dev.countersign.server.x509.Scrypt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DerivedKeysTest {
    private static final Scrypt CHEAP = new Scrypt(1 << 10, 8, 1);
    private static final Scrypt DEARER = new Scrypt(1 << 11, 8, 1);

    private final Passphrase passphrase = Passphrase.takeOver("correct horse".toCharArray());
    private final DerivedKeys keys = new DerivedKeys(passphrase, new SecureRandom(), 64);

    @Test
    void whatIsRememberedIsWhatScryptDerives() {
        byte[] salt = keys.salt(CHEAP);

        byte[] first = keys.derive(CHEAP, salt);
        byte[] again = keys.derive(CHEAP, salt);

        assertThat(again)
                .isEqualTo(first)
                .isEqualTo(passphrase.read(bytes -> CHEAP.derive(bytes, salt, 64)));
    }

    @Test
    void aCallerWhoZeroesItsCopyTakesNothingFromTheNext() {
        byte[] salt = keys.salt(CHEAP);
        byte[] first = keys.derive(CHEAP, salt);
        byte[] kept = first.clone();

        Arrays.fill(first, (byte) 0);

        assertThat(keys.derive(CHEAP, salt)).isEqualTo(kept);
    }

    @Test
    void aNewKeyTakesTheLastSaltOfItsCostAndOfNoOther() {
        byte[] salt = keys.salt(CHEAP);
        keys.derive(CHEAP, salt);

        assertThat(keys.salt(CHEAP)).isEqualTo(salt);
        assertThat(keys.salt(DEARER)).isNotEqualTo(salt);
    }

    @Test
    void whatWasDerivedOutlivesNeitherItsPassphraseNorItself() {
        byte[] salt = keys.salt(CHEAP);
        keys.derive(CHEAP, salt);

        keys.close();
        passphrase.close();

        assertThatThrownBy(() -> keys.derive(CHEAP, salt)).hasMessageContaining("closed");
    }

    @Test
    void keysOfOneProcessShareASaltAndHaveNoncesOfTheirOwn(@TempDir Path folder) throws Exception {
        try (EncryptedFileKeyVault vault = vault(folder)) {
            vault.create("one");
            vault.create("two");
        }
        try (EncryptedFileKeyVault later = vault(folder)) {
            assertThat(later.find("two")).isPresent();
            later.create("three");
            assertThat(later.find("one")).isPresent();
        }

        KeyFile one = file(folder, "one");
        KeyFile two = file(folder, "two");
        assertThat(two.salt()).isEqualTo(one.salt());
        assertThat(two.nonce()).isNotEqualTo(one.nonce());
        assertThat(file(folder, "three").salt()).isEqualTo(one.salt());
    }

    private static KeyFile file(Path folder, String name) throws Exception {
        return KeyFile.decode(Files.readAllBytes(folder.resolve("keys/" + name + ".key")));
    }

    private static EncryptedFileKeyVault vault(Path folder) throws Exception {
        return new EncryptedFileKeyVault(
                folder.resolve("keys"),
                Passphrase.takeOver("correct horse".toCharArray()),
                CHEAP,
                new SecureRandom());
    }
}
