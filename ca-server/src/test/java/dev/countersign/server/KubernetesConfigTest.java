package dev.countersign.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.runtime.ConfigReader;
import dev.countersign.runtime.ConfigRefused;
import dev.countersign.server.attestation.AttestationRules.CallerAddress;
import dev.countersign.server.attestation.serviceaccount.TokenSettings;
import dev.countersign.server.kubernetes.KubernetesSettings;
import dev.countersign.server.kubernetes.keys.SecretKeyVault;
import dev.countersign.server.x509.Scrypt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The {@code kubernetes} section, and what it changes in others. */
final class KubernetesConfigTest {
    private static final String KEYS = "keys: {passphraseFile: passphrase}\n";
    private static final String OUTSIDE =
            "attestation: {issuer: \"https://issuer.test\", jwks: {file: keys.json}}\n";
    private static final String CLUSTER = "kubernetes: {}\n";

    @TempDir private Path folder;

    @Test
    void withoutTheSectionThereIsNoCluster() throws Exception {
        assertThat(read(KEYS + OUTSIDE).kubernetes()).isEmpty();
        assertThat(refused(KEYS)).hasMessageContaining("attestation.jwks: missing");
    }

    @Test
    void anEmptySectionIsAPodsOwnCluster() throws Exception {
        ServerConfig config = read(KEYS + CLUSTER);

        assertThat(config.kubernetes())
                .contains(
                        new KubernetesSettings(
                                new KubernetesSettings.InCluster(),
                                Optional.empty(),
                                KubernetesSettings.Leader.LEASE,
                                Optional.of("countersign-trust"),
                                "cluster.local",
                                false));
        assertThat(config.jwks()).isEqualTo(new ServerConfig.Jwks.Cluster());
        assertThat(config.tokens().issuer()).isEmpty();
        assertThat(config.tokens().audiences()).containsExactly(TokenSettings.DEFAULT_AUDIENCE);
        assertThat(config.attestationRules().callerAddress()).isEqualTo(CallerAddress.ENFORCE);
    }

    @Test
    void aKubeconfigLeadsThereFromOutside() throws Exception {
        ServerConfig config =
                read(
                        KEYS
                                + """
                                kubernetes:
                                  kubeconfig: admin.kubeconfig
                                  context: production
                                  namespace: mesh
                                  leader: database
                                  publishTrust: false
                                  allowOldKubernetes: true
                                """);

        assertThat(config.kubernetes())
                .contains(
                        new KubernetesSettings(
                                new KubernetesSettings.Kubeconfig(
                                        folder.resolve("admin.kubeconfig"),
                                        Optional.of("production")),
                                Optional.of("mesh"),
                                KubernetesSettings.Leader.DATABASE,
                                Optional.empty(),
                                "cluster.local",
                                true));
    }

    @Test
    void aContextNeedsAKubeconfig() {
        assertThat(refused(KEYS + "kubernetes: {context: production}\n"))
                .hasMessageContaining(
                        "kubernetes.context: production (expected: none without kubeconfig)");
    }

    @Test
    void anIssuerOfItsOwnGoesBeforeTheClusters() throws Exception {
        ServerConfig config = read(KEYS + OUTSIDE + CLUSTER);

        assertThat(config.jwks()).isInstanceOf(ServerConfig.Jwks.File.class);
        assertThat(config.attestationRules().callerAddress()).isEqualTo(CallerAddress.OFF);
    }

    @Test
    void whoMintsTokensHereIsNotBelievedBesideTheCluster() {
        assertThat(refused(KEYS + CLUSTER + "attestation: {localIssuer: true}\n"))
                .hasMessageContaining("attestation.localIssuer: true (expected: false");
    }

    @Test
    void whatTheClusterKnowsIsNotSaidTwice() {
        assertThat(
                        refused(
                                KEYS
                                        + CLUSTER
                                        + "workloads: [{namespace: shop, serviceAccount: web}]\n"))
                .hasMessageContaining("workloads: given (expected: none");
    }

    @Test
    void keysMayBeInItsSecrets() throws Exception {
        String keys = "keys: {store: kubernetes-secret, passphraseFile: passphrase}\n";

        assertThat(read(keys + CLUSTER).keys())
                .isEqualTo(
                        new ServerConfig.Keys.Secrets(
                                folder.resolve("passphrase"),
                                Scrypt.DEFAULT,
                                SecretKeyVault.DEFAULT_PREFIX));
        assertThat(refused(keys + OUTSIDE))
                .hasMessageContaining(
                        "keys.store: kubernetes-secret (expected: another without kubernetes)");
    }

    @Test
    void namesOfServicesNeedServices() throws Exception {
        assertThat(read(KEYS + CLUSTER).profiles().serviceNames()).isFalse();
        assertThat(
                        read(KEYS + CLUSTER + "issuance: {serviceNames: true}\n")
                                .profiles()
                                .forNamespace("shop")
                                .serviceNames())
                .isTrue();
        assertThat(refused(KEYS + OUTSIDE + "issuance: {serviceNames: true}\n"))
                .hasMessageContaining(
                        "issuance.serviceNames: true (expected: false without kubernetes)");
    }

    private ServerConfig read(String yaml) throws IOException, ConfigRefused {
        Path file = Files.writeString(folder.resolve("server.yaml"), yaml);
        return ServerConfigReader.read(ConfigReader.load(file, Map.of()));
    }

    private ConfigRefused refused(String yaml) {
        return catchThrowableOfType(ConfigRefused.class, () -> read(yaml));
    }
}
