package dev.countersign.server.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class PassphraseTest {
    @Test
    void takesTheCharactersOverAndZeroesThem() {
        char[] characters = "tröstlich".toCharArray();

        Passphrase passphrase = Passphrase.takeOver(characters);

        assertThat(characters).containsOnly('\0');
        String read = passphrase.read(bytes -> new String(bytes, StandardCharsets.UTF_8));
        assertThat(read).isEqualTo("tröstlich");
    }

    @Test
    void printsNothing() {
        assertThat(Passphrase.takeOver("correct horse".toCharArray()).toString())
                .isEqualTo("Passphrase[hidden]");
    }

    @Test
    void closingZeroesItsOwnCopy() {
        Passphrase passphrase = Passphrase.takeOver("correct horse".toCharArray());
        byte[] lent = passphrase.read(bytes -> bytes);

        passphrase.close();

        assertThat(lent).containsOnly(0);
        assertThatIllegalStateException().isThrownBy(() -> passphrase.read(bytes -> bytes));
    }

    @Test
    void refusesFewerThanEightCharacters() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Passphrase.takeOver("seven77".toCharArray()))
                .withMessage("passphrase: 7 characters (expected: >= 8, well-formed)");
    }
}
