package dev.countersign.server.kubernetes.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultContract;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.KeyVaultException.Reason;
import dev.countersign.server.keys.Passphrase;
import dev.countersign.server.keys.encryptedfile.SealedText;
import dev.countersign.server.kubernetes.KubernetesConnection;
import dev.countersign.server.testing.KubeConnections;
import dev.countersign.server.testing.KubeProxy;
import dev.countersign.server.testing.KubeServer;
import dev.countersign.server.x509.Scrypt;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys in Secrets of a real API server. */
final class SecretKeyVaultTest extends KeyVaultContract {
    private static final Scrypt CHEAP = new Scrypt(1 << 10, 8, 1);

    private KubeServer kube;
    private KubernetesConnection connection;

    @BeforeEach
    void connect() throws Exception {
        kube = KubeServer.shared();
        connection = KubeConnections.admin(kube, kube.newNamespace("keys"));
    }

    @AfterEach
    void disconnect() {
        if (connection != null) {
            connection.close();
        }
    }

    @Override
    protected KeyVault vault() {
        return vault(connection, "a passphrase for tests");
    }

    @Test
    void aSecretHoldsNoKeyInClear() throws Exception {
        vault().create("root-1");

        Secret secret = secret("countersign-key-root-1");
        String text =
                new String(
                        Base64.getDecoder().decode(secret.getData().get("key")),
                        StandardCharsets.US_ASCII);
        assertThat(secret.getType()).isEqualTo("countersign.dev/sealed-key");
        assertThat(secret.getImmutable()).isTrue();
        assertThat(text).startsWith("countersign key v1").contains("sealed-key: ");
    }

    @Test
    void anotherPassphraseOpensNothing() throws Exception {
        vault().create("root-1");

        assertThatExceptionOfType(KeyVaultException.class)
                .isThrownBy(() -> vault(connection, "another one for tests").find("root-1"))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.WRONG_PASSPHRASE));
    }

    @Test
    void aSecretOfAnotherTypeIsNoKey() {
        connection
                .client()
                .resource(
                        new SecretBuilder()
                                .withNewMetadata()
                                .withNamespace(connection.namespace())
                                .withName("countersign-key-root-1")
                                .endMetadata()
                                .withData(Map.of("key", "AAAA"))
                                .build())
                .create();

        assertThatExceptionOfType(KeyVaultException.class)
                .isThrownBy(() -> vault().find("root-1"))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.KEY_FILE_CORRUPT))
                .withMessageContaining("expected: countersign.dev/sealed-key");
    }

    @Test
    void anApiServerThatIsAwayMakesKeysUnavailable(@TempDir Path folder) throws Exception {
        try (KubeProxy proxy = new KubeProxy(kube);
                KubernetesConnection through =
                        KubeConnections.with(
                                folder,
                                kube,
                                proxy.url(),
                                kube.adminToken(),
                                connection.namespace())) {
            proxy.cut();

            assertThatExceptionOfType(KeyVaultException.class)
                    .isThrownBy(() -> vault(through, "a passphrase for tests").find("root-1"))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE));
        }
    }

    private static KeyVault vault(KubernetesConnection connection, String passphrase) {
        SecureRandom random = new SecureRandom();
        return new SecretKeyVault(
                connection,
                SecretKeyVault.DEFAULT_PREFIX,
                new SealedText(Passphrase.takeOver(passphrase.toCharArray()), CHEAP, random),
                random);
    }

    private Secret secret(String name) {
        return connection
                .client()
                .secrets()
                .inNamespace(connection.namespace())
                .withName(name)
                .get();
    }
}
