package dev.countersign.server.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.countersign.server.keys.KeyVaultException.Reason;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every key store does. */
public abstract class KeyVaultContract {
    private static final byte[] MESSAGE = "message".getBytes(StandardCharsets.UTF_8);

    /** A vault without keys, the same within one test. */
    protected abstract KeyVault vault() throws Exception;

    @Test
    void aNewKeySignsWhatItsPublicKeyVerifies() throws Exception {
        SigningKey key = vault().create("root-1");

        byte[] signature = key.sign(MESSAGE);

        assertThat(verifies(key, MESSAGE, signature)).isTrue();
        assertThat(verifies(key, new byte[] {1}, signature)).isFalse();
    }

    @Test
    void keysAreP256() throws Exception {
        SigningKey key = vault().create("root-1");

        assertThat(key.signatureAlgorithm()).isEqualTo("SHA256withECDSA");
        assertThat(key.publicKey().getEncoded()).hasSize(91);
    }

    @Test
    void aKeyIsFoundAgain() throws Exception {
        SigningKey made = vault().create("root-1");

        SigningKey found = vault().find("root-1").orElseThrow();

        assertThat(found.publicKey().getEncoded()).isEqualTo(made.publicKey().getEncoded());
        assertThat(verifies(made, MESSAGE, found.sign(MESSAGE))).isTrue();
    }

    @Test
    void aKeyFromOutsideIsKeptOrRefusedWhole() throws Exception {
        KeyVault vault = vault();
        LocalKey key = LocalKey.generate(new SecureRandom());
        try {
            vault.keep("issuer-1", key);
        } catch (KeyVaultException refused) {
            assertThat(refused.reason()).isEqualTo(Reason.KEY_MADE_HERE_ONLY);
            assertThat(vault.find("issuer-1")).isEmpty();
            return;
        }

        SigningKey found = vault.find("issuer-1").orElseThrow();
        assertThat(verifies(key, MESSAGE, found.sign(MESSAGE))).isTrue();
        assertThatExceptionOfType(KeyVaultException.class)
                .isThrownBy(() -> vault.keep("issuer-1", key))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.KEY_EXISTS));
    }

    @Test
    void anUnknownKeyIsNotFound() throws Exception {
        vault().create("root-1");

        assertThat(vault().find("root-2")).isEmpty();
    }

    @Test
    void anExistingKeyIsNeverOverwritten() throws Exception {
        SigningKey first = vault().create("root-1");

        assertThatExceptionOfType(KeyVaultException.class)
                .isThrownBy(() -> vault().create("root-1"))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.KEY_EXISTS));
        assertThat(vault().find("root-1").orElseThrow().publicKey().getEncoded())
                .isEqualTo(first.publicKey().getEncoded());
    }

    @Test
    void keysDiffer() throws Exception {
        assertThat(vault().create("a").publicKey().getEncoded())
                .isNotEqualTo(vault().create("b").publicKey().getEncoded());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Root", "../root", "a b", "a.b", "ü"})
    void namesAreHeldToTheirAlphabet(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> vault().create(name))
                .withMessageContaining("expected: 1 to 64 of a-z 0-9 -");
        assertThatIllegalArgumentException().isThrownBy(() -> vault().find(name));
    }

    @Test
    void namesHaveAtMost64Characters() throws Exception {
        vault().create("a".repeat(64));

        assertThatIllegalArgumentException().isThrownBy(() -> vault().create("a".repeat(65)));
    }

    @Test
    void manyThreadsMaySignAtOnce() throws Exception {
        SigningKey key = vault().create("root-1");
        Callable<Boolean> task =
                () -> {
                    boolean good = true;
                    for (int i = 0; i < 50; i++) {
                        byte[] message = {(byte) i};
                        good &= verifies(key, message, key.sign(message));
                    }
                    return good;
                };

        List<Future<Boolean>> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 4; i++) {
                results.add(threads.submit(task));
            }
        }

        for (Future<Boolean> result : results) {
            assertThat(result.get()).isTrue();
        }
    }

    @Test
    void oneOfManyCreatorsWins() throws Exception {
        KeyVault vault = vault();
        Callable<Boolean> task =
                () -> {
                    try {
                        vault.create("root-1");
                        return true;
                    } catch (KeyVaultException e) {
                        assertThat(e.reason()).isEqualTo(Reason.KEY_EXISTS);
                        return false;
                    }
                };

        List<Future<Boolean>> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 4; i++) {
                results.add(threads.submit(task));
            }
        }

        int winners = 0;
        for (Future<Boolean> result : results) {
            winners += result.get() ? 1 : 0;
        }
        assertThat(winners).isEqualTo(1);
    }

    @Test
    void aDestroyedKeyIsGone() throws Exception {
        vault().create("root-1");
        vault().create("root-2");

        assertThat(vault().destroy("root-1")).isTrue();

        assertThat(vault().find("root-1")).isEmpty();
        assertThat(vault().find("root-2")).isPresent();
        assertThat(vault().destroy("root-1")).isFalse();
    }

    @Test
    void printingAKeyTellsNothing() throws Exception {
        assertThat(vault().create("root-1").toString()).contains("hidden");
    }

    private static boolean verifies(SigningKey key, byte[] message, byte[] signature)
            throws Exception {
        Signature verifier = Signature.getInstance(key.signatureAlgorithm());
        verifier.initVerify(key.publicKey());
        verifier.update(message);
        return verifier.verify(signature);
    }
}
