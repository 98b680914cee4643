package dev.countersign.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.runtime.ConfigReader;
import dev.countersign.runtime.ConfigRefused;
import dev.countersign.server.x509.Scrypt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where keys are, and who approves. */
final class KeysConfigTest {
    private static final String ATTESTATION =
            "attestation: {issuer: \"https://issuer.test\", jwks: {file: keys.json}}\n";
    private static final String FILE = "keys: {passphraseFile: passphrase}\n" + ATTESTATION;

    @TempDir private Path folder;

    @Test
    void theCostOfAPassphraseIsAPowerOfTwoBetweenBounds() throws Exception {
        String keys = "keys: {passphraseFile: passphrase, scryptN: %d}\n" + ATTESTATION;

        assertThat(read(keys.formatted(1 << 14)).keys())
                .isEqualTo(
                        new ServerConfig.Keys.Files(
                                folder.resolve("passphrase"), new Scrypt(1 << 14, 8, 1)));
        assertThat(refused(keys.formatted(100_000)))
                .hasMessageContaining("keys.scryptN: 100000 (expected: a power of two)");
        assertThat(refused(keys.formatted(8192))).hasMessageContaining("keys.scryptN: 8192");
    }

    @Test
    void keysAreInFilesUnlessATokenIsNamed() throws Exception {
        assertThat(read(FILE).keys())
                .isEqualTo(
                        new ServerConfig.Keys.Files(folder.resolve("passphrase"), Scrypt.DEFAULT));

        ServerConfig config =
                read(
                        ATTESTATION
                                + """
                                keys:
                                  store: pkcs11
                                  pkcs11: {library: /usr/lib/hsm.so, slot: 3, pinFile: pin}
                                """);

        assertThat(config.keys())
                .isInstanceOfSatisfying(
                        ServerConfig.Keys.Token.class,
                        token -> {
                            assertThat(token.settings().library()).hasToString("/usr/lib/hsm.so");
                            assertThat(token.settings().slot()).hasValue(3);
                            assertThat(token.settings().pinFile()).isEqualTo(folder.resolve("pin"));
                            assertThat(token.settings().prefix()).isEqualTo("countersign");
                        });
    }

    @Test
    void aTokenWithoutLibraryOrPinIsRefused() {
        assertThat(refused(ATTESTATION + "keys: {store: pkcs11}\n"))
                .hasMessageContaining("keys.pkcs11.library")
                .hasMessageContaining("keys.pkcs11.pinFile");
    }

    @Test
    void nobodyNeedsToApproveUnlessSaid() throws Exception {
        assertThat(read(FILE).approvals()).isEmpty();
    }

    @Test
    void approversAreReadWithTheirKeys() throws Exception {
        key("alice");
        key("bob");

        ServerConfig config =
                read(
                        FILE
                                + "approvals: {required: 2, operators: {alice: alice.pem, bob:"
                                + " bob.pem}}\n");

        assertThat(config.approvals().orElseThrow().required()).isEqualTo(2);
        assertThat(config.approvals().orElseThrow().operators()).containsOnlyKeys("alice", "bob");
    }

    @Test
    void approvalsThatNobodyCouldGiveAreRefused() throws Exception {
        key("alice");
        Files.copy(folder.resolve("alice.pem"), folder.resolve("copy.pem"));
        Files.writeString(folder.resolve("bad.pem"), "hello");

        assertThat(refused(FILE + "approvals: {required: 2, operators: {alice: alice.pem}}\n"))
                .hasMessageContaining("approvals.required: 2");
        assertThat(
                        refused(
                                FILE
                                        + "approvals: {required: 1, operators: {alice: alice.pem,"
                                        + " bob: copy.pem}}\n"))
                .hasMessageContaining("a key of its own");
        assertThat(refused(FILE + "approvals: {required: 1, operators: {alice: bad.pem}}\n"))
                .hasMessageContaining("PEM of a P-256 or Ed25519 public key");
        assertThat(refused(FILE + "approvals: {operators: {alice: alice.pem}}\n"))
                .hasMessageContaining("approvals.required");
    }

    private void key(String name) throws Exception {
        byte[] encoded =
                KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic().getEncoded();
        Files.writeString(
                folder.resolve(name + ".pem"),
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getEncoder().encodeToString(encoded)
                        + "\n-----END PUBLIC KEY-----\n");
    }

    private ServerConfig read(String yaml) throws IOException, ConfigRefused {
        Path file = Files.writeString(folder.resolve("server.yaml"), yaml);
        return ServerConfigReader.read(ConfigReader.load(file, Map.of()));
    }

    private ConfigRefused refused(String yaml) {
        return catchThrowableOfType(ConfigRefused.class, () -> read(yaml));
    }
}
