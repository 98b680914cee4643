package dev.countersign.server;

import dev.countersign.runtime.Closer;
import dev.countersign.runtime.Health;
import dev.countersign.server.attestation.Attestor;
import dev.countersign.server.attestation.kubernetes.KubernetesAttestor;
import dev.countersign.server.attestation.serviceaccount.JwksSource;
import dev.countersign.server.attestation.serviceaccount.ServiceAccountTokenAttestor;
import dev.countersign.server.attestation.serviceaccount.TokenSettings;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.encryptedfile.EncryptedFileKeyVault;
import dev.countersign.server.keys.encryptedfile.SealedText;
import dev.countersign.server.keys.pkcs11.Pkcs11KeyVault;
import dev.countersign.server.kubernetes.KubernetesConnection;
import dev.countersign.server.kubernetes.identity.ApiTokenReviews;
import dev.countersign.server.kubernetes.keys.SecretKeyVault;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;

/** The built-ins to choose from: one line for each. */
final class Catalog {
    private Catalog() {}

    /** The vault that the configuration names; closed by {@code closer} where it holds a secret. */
    static KeyVault keyVault(
            ServerConfig config,
            Optional<KubernetesConnection> cluster,
            SecureRandom random,
            Closer closer)
            throws IOException, KeyVaultException {
        return switch (config.keys()) {
            case ServerConfig.Keys.Files files ->
                    closer.register(
                            new EncryptedFileKeyVault(
                                    keyFolder(config),
                                    PassphraseFile.read(files.passphraseFile()),
                                    files.cost(),
                                    random));
            case ServerConfig.Keys.Secrets secrets ->
                    closer.register(
                            new SecretKeyVault(
                                    cluster.orElseThrow(),
                                    secrets.prefix(),
                                    new SealedText(
                                            PassphraseFile.read(secrets.passphraseFile()),
                                            secrets.cost(),
                                            random),
                                    random));
            case ServerConfig.Keys.Token token -> new Pkcs11KeyVault(token.settings());
        };
    }

    /** As {@link #keyVault}, for commands that run without a server. */
    static KeyVault keyVaultAlone(ServerConfig config, SecureRandom random, Closer closer)
            throws Exception {
        boolean needed = config.keys() instanceof ServerConfig.Keys.Secrets;
        return keyVault(
                config,
                needed ? cluster(config, new Health(), random, closer) : Optional.empty(),
                random,
                closer);
    }

    /** The connection to the cluster; empty when the configuration names none. */
    static Optional<KubernetesConnection> cluster(
            ServerConfig config, Health health, SecureRandom random, Closer closer)
            throws Exception {
        return config.kubernetes().isEmpty()
                ? Optional.empty()
                : Optional.of(
                        closer.register(
                                KubernetesConnection.open(
                                        config.kubernetes().get(), health, random)));
    }

    /** The attestor that goes with where the tokens' keys are. */
    static Attestor attestor(
            Callers.Parts parts, Tokens tokens, Optional<Callers.ClusterPods> cluster) {
        Attestor byKeys =
                new ServiceAccountTokenAttestor(tokens.settings(), tokens.keys(), parts.clock());
        return switch (parts.config().jwks()) {
            case ServerConfig.Jwks.File file -> byKeys;
            case ServerConfig.Jwks.Url url -> byKeys;
            case ServerConfig.Jwks.Cluster own ->
                    new KubernetesAttestor(
                            byKeys,
                            cluster.orElseThrow().watch(),
                            new ApiTokenReviews(parts.kubernetes().orElseThrow(), parts.metrics()),
                            parts.lineages(),
                            tokens.settings().audiences(),
                            parts.clock());
        };
    }

    /** What tokens must say, and the keys they are signed with. */
    record Tokens(TokenSettings settings, JwksSource keys) {}

    /** Where key files are. */
    static Path keyFolder(ServerConfig config) {
        return config.dataDirectory().resolve("keys");
    }
}
