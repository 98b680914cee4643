package dev.countersign.server.kubernetes.keys;

import dev.countersign.server.keys.KeyNames;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.KeyVaultException.Reason;
import dev.countersign.server.keys.LocalKey;
import dev.countersign.server.keys.SigningKey;
import dev.countersign.server.keys.encryptedfile.SealedText;
import dev.countersign.server.kubernetes.ApiFailure;
import dev.countersign.server.kubernetes.KubernetesConnection;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Each key in a Secret of its own, sealed with a passphrase as key files are: who can read Secrets, or
 * a copy of etcd, has no key yet. The API server decides between two who create the same name, and a
 * Secret that was made is not changed any more.
 */
public final class SecretKeyVault implements KeyVault, AutoCloseable {
    /** What stands before the key's name. */
    public static final String DEFAULT_PREFIX = "countersign-key-";

    private static final String TYPE = "countersign.dev/sealed-key";
    private static final String FIELD = "key";

    private final KubernetesConnection connection;
    private final String prefix;
    private final SealedText sealed;
    private final SecureRandom random;

    /**
     * @param prefix of the Secrets' names, in the namespace of the connection
     * @param sealed owned by the vault from here on
     */
    public SecretKeyVault(
            KubernetesConnection connection,
            String prefix,
            SealedText sealed,
            SecureRandom random) {
        this.connection = connection;
        this.prefix = prefix;
        this.sealed = sealed;
        this.random = random;
    }

    @Override
    public SigningKey create(String name) throws KeyVaultException {
        return keep(name, LocalKey.generate(random));
    }

    @Override
    public SigningKey keep(String name, LocalKey key) throws KeyVaultException {
        Secret secret =
                new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(connection.namespace())
                        .withName(prefix + KeyNames.check(name))
                        .withLabels(Map.of("app.kubernetes.io/managed-by", "countersign"))
                        .endMetadata()
                        .withType(TYPE)
                        .withImmutable(true)
                        .withData(Map.of(FIELD, base64(sealed.seal(name, key))))
                        .build();
        try {
            connection.client().resource(secret).create();
            return key;
        } catch (KubernetesClientException refused) {
            if (ApiFailure.of(refused) == ApiFailure.CONFLICT) {
                throw new KeyVaultException(
                        Reason.KEY_EXISTS, "key " + name + ": exists (expected: a new name)");
            }
            throw unavailable("create", name, refused);
        }
    }

    @Override
    public Optional<SigningKey> find(String name) throws KeyVaultException {
        Optional<Secret> secret = secret(name);
        return secret.isEmpty() ? Optional.empty() : Optional.of(open(name, secret.get()));
    }

    @Override
    public boolean destroy(String name) throws KeyVaultException {
        Optional<Secret> secret = secret(name);
        if (secret.isEmpty()) {
            return false;
        }
        try {
            // This very one: another of the same name may have come meanwhile.
            at(name).lockResourceVersion(secret.get().getMetadata().getResourceVersion()).delete();
            return true;
        } catch (KubernetesClientException refused) {
            ApiFailure failure = ApiFailure.of(refused);
            if (failure == ApiFailure.CONFLICT || failure == ApiFailure.NOT_FOUND) {
                return false;
            }
            throw unavailable("delete", name, refused);
        }
    }

    @Override
    public void close() {
        sealed.close();
    }

    private Optional<Secret> secret(String name) throws KeyVaultException {
        KeyNames.check(name);
        try {
            return Optional.ofNullable(at(name).get());
        } catch (KubernetesClientException refused) {
            throw unavailable("get", name, refused);
        }
    }

    private Resource<Secret> at(String name) {
        return connection
                .client()
                .secrets()
                .inNamespace(connection.namespace())
                .withName(prefix + name);
    }

    private SigningKey open(String name, Secret secret) throws KeyVaultException {
        @Nullable String text = secret.getData() == null ? null : secret.getData().get(FIELD);
        if (!TYPE.equals(secret.getType()) || text == null) {
            throw corrupt(name, "type " + secret.getType() + " (expected: " + TYPE + ")");
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException odd) {
            throw corrupt(name, "not base64");
        }
        if (bytes.length > SealedText.MAX_BYTES) {
            throw corrupt(
                    name, bytes.length + " bytes (expected: <= " + SealedText.MAX_BYTES + ")");
        }
        return sealed.open(name, bytes);
    }

    private KeyVaultException corrupt(String name, String why) {
        return new KeyVaultException(
                Reason.KEY_FILE_CORRUPT, "Secret " + prefix + name + ": " + why);
    }

    private KeyVaultException unavailable(
            String verb, String name, KubernetesClientException refused) {
        return new KeyVaultException(
                Reason.UNAVAILABLE,
                verb + " Secret " + prefix + name + ": " + ApiFailure.describe(refused));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
