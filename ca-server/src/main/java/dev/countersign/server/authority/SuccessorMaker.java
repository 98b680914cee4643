package dev.countersign.server.authority;

import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.AuthorityRefused.Reason;
import dev.countersign.server.authority.rotation.BundleKey;
import dev.countersign.server.authority.rotation.Change;
import dev.countersign.server.authority.rotation.KnownRoot;
import dev.countersign.server.authority.rotation.RotationState;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.SigningKey;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;

/**
 * Makes what is to take a root's or a key's place, under the name that is on record already: so after
 * a crash the same key is found again, and the certificate that nobody has seen is made anew.
 */
final class SuccessorMaker {
    private static final byte[] PROBE = {'p', 'r', 'o', 'b', 'e'};

    private final AuthoritySettings settings;
    private final KeyVault vault;
    private final Certifier certifier;
    private final AuthorityEvents events;

    SuccessorMaker(
            AuthoritySettings settings,
            KeyVault vault,
            Certifier certifier,
            AuthorityEvents events) {
        this.settings = settings;
        this.vault = vault;
        this.certifier = certifier;
        this.events = events;
    }

    /** What changes, with the successor made; recorded already. */
    Change make(RotationState.Preparing preparing, SigningKey rootKey, Instant now)
            throws KeyVaultException, AuditUnavailable {
        return switch (preparing.subject()) {
            case ROOT -> rootChange(preparing, rootKey, now);
            case BUNDLE_KEY ->
                    new Change.OfBundleKey(
                            preparing.holdings().bundleKey(),
                            new BundleKey(
                                    preparing.keyName(), key(preparing.keyName()).publicKey()));
            case JWT_KEY ->
                    throw new IllegalStateException("subject: JWT_KEY (expected: one there is)");
        };
    }

    /** A root with a new key. */
    KnownRoot root(String keyName, Instant now) throws KeyVaultException, AuditUnavailable {
        SigningKey key = key(keyName);
        X509Certificate root =
                certifier.root(settings.trustDomain(), key, now, settings.rootLife());
        events.rootCreated(root, keyName, now);
        return KnownRoot.of(keyName, root);
    }

    boolean exists(String keyName) throws KeyVaultException {
        return vault.find(keyName).isPresent();
    }

    /** Destroys the key of what was thrown away; what stays behind is never used. */
    void destroy(String keyName) throws KeyVaultException {
        vault.destroy(keyName);
    }

    private Change rootChange(RotationState.Preparing preparing, SigningKey rootKey, Instant now)
            throws KeyVaultException, AuditUnavailable {
        KnownRoot from = preparing.holdings().signing();
        Optional<KnownRoot> standby =
                preparing
                        .holdings()
                        .standby()
                        .filter(root -> root.keyName().equals(preparing.keyName()));
        KnownRoot to = standby.isPresent() ? standby.get() : root(preparing.keyName(), now);
        if (!to.isUpstream()) {
            key(to.keyName());
        }
        // A root that is kept elsewhere signs nothing here, and below an issuer paths are too
        // short.
        Optional<X509Certificate> cross =
                from.issuers().isEmpty() && to.issuers().isEmpty() && !from.isUpstream()
                        ? certifier.cross(
                                settings.trustDomain(), to.certificate(), from, rootKey, now)
                        : Optional.empty();
        return new Change.OfRoot(from, to, cross);
    }

    /** The key of this name, made if need be, after it has signed something. */
    private SigningKey key(String name) throws KeyVaultException {
        Optional<SigningKey> found = vault.find(name);
        SigningKey key = found.isPresent() ? found.get() : vault.create(name);
        if (!verifies(key.publicKey(), key.signatureAlgorithm(), key.sign(PROBE))) {
            throw new AuthorityRefused(
                    Reason.ROOT_KEY_MISMATCH,
                    "key " + name + ": its signature does not verify (expected: with its own key)");
        }
        return key;
    }

    private static boolean verifies(PublicKey key, String algorithm, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(key);
            verifier.update(PROBE);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
