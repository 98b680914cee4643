package dev.countersign.server.authority;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.authority.AuthorityRefused.Reason;
import dev.countersign.server.authority.rotation.BadRotationText;
import dev.countersign.server.authority.rotation.BundleKey;
import dev.countersign.server.authority.rotation.KnownRoot;
import dev.countersign.server.authority.rotation.Mark;
import dev.countersign.server.authority.rotation.RotationCodec;
import dev.countersign.server.authority.rotation.RotationState;
import dev.countersign.server.authority.upstream.UpstreamKey;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.SigningKey;
import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.trust.SigningContext;
import dev.countersign.trust.SigningKeys;
import dev.countersign.trust.TrustBundle;
import dev.countersign.trust.TrustRefused;
import dev.countersign.wire.BundleCodec;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns what the journal holds into a state, or refuses. Nothing is repaired here and nothing made
 * anew: a root that appears silently is what an attacker would want.
 */
final class StateLoader {
    private final TrustDomain trustDomain;
    private final KeyVault vault;

    /** Opening a key costs tenths of a second; a state is loaded on every change of another replica. */
    private final Map<String, SigningKey> opened = new HashMap<>();

    StateLoader(TrustDomain trustDomain, KeyVault vault) {
        this.trustDomain = trustDomain;
        this.vault = vault;
    }

    synchronized AuthorityState load(AuthorityJournal.State stored) throws KeyVaultException {
        TrustBundle bundle = bundle(stored);
        checkRoots(stored, bundle);
        SigningKey bundleKey =
                key(stored.bundleKey(), Reason.BUNDLE_KEY_MISSING, "bundle-signing key");
        SignedTrustBundle signed =
                new SignedTrustBundle(
                        stored.bundlePayload(), stored.bundleKeyId(), stored.bundleSignature());
        checkBundleKey(stored, bundle, bundleKey.publicKey());
        checkSignature(bundle, signed);
        RotationState rotation = rotation(stored, bundle);
        checkRotation(rotation, stored, bundle);
        Optional<AuthorityState.SigningRoot> canary = Optional.empty();
        if (rotation.canaryRoot().isPresent()) {
            canary = Optional.of(root(rotation.canaryRoot().get()));
        }
        return new AuthorityState(
                stored, bundle, signed, rotation, root(rotation.signing()), canary, bundleKey);
    }

    /** The key of this name, which the journal names. */
    synchronized SigningKey bundleKey(String name) throws KeyVaultException {
        return key(name, Reason.BUNDLE_KEY_MISSING, "bundle-signing key");
    }

    private RotationState rotation(AuthorityJournal.State stored, TrustBundle bundle)
            throws KeyVaultException {
        if (stored.rotation().isEmpty()) {
            return beforeRotations(stored, bundle);
        }
        try {
            return RotationCodec.decode(stored.rotation());
        } catch (BadRotationText e) {
            throw corrupt("rotation: " + e.getMessage(), "a state of a rotation");
        }
    }

    /** What a server wrote that knew of no rotation: nothing rotates. */
    private RotationState beforeRotations(AuthorityJournal.State stored, TrustBundle bundle)
            throws KeyVaultException {
        SigningKey rootKey = key(stored.signingRoot(), Reason.ROOT_KEY_MISSING, "root key");
        X509Certificate root = rootOf(rootKey.publicKey(), stored, bundle.roots());
        return RotationState.first(
                KnownRoot.of(stored.signingRoot(), root),
                new BundleKey(stored.bundleKey(), bundleKey(stored.bundleKey()).publicKey()),
                new Mark(stored.epoch(), stored.at()));
    }

    /** What is said of the rotation is what the signed bundle says. */
    private static void checkRotation(
            RotationState rotation, AuthorityJournal.State stored, TrustBundle bundle) {
        boolean same =
                rotation.trusted().stream()
                                .map(KnownRoot::certificate)
                                .toList()
                                .equals(bundle.roots())
                        && rotation.signing().keyName().equals(stored.signingRoot())
                        && rotation.bundleKeys().signer().keyName().equals(stored.bundleKey())
                        && rotation.bundleKeys().signer().id().equals(stored.bundleKeyId());
        if (!same) {
            throw corrupt(
                    rotation.phase() + " of another bundle", "the roots and keys of its bundle");
        }
    }

    private AuthorityState.SigningRoot root(KnownRoot root) throws KeyVaultException {
        if (root.isUpstream()) {
            return new AuthorityState.SigningRoot(
                    root, new UpstreamKey(root.certificate().getPublicKey()));
        }
        SigningKey key = key(root.keyName(), Reason.ROOT_KEY_MISSING, "root key");
        if (!Arrays.equals(
                key.publicKey().getEncoded(), root.signing().getPublicKey().getEncoded())) {
            throw mismatch(root.keyName());
        }
        return new AuthorityState.SigningRoot(root, key);
    }

    private TrustBundle bundle(AuthorityJournal.State stored) {
        TrustBundle bundle;
        try {
            bundle = BundleCodec.decode(stored.bundlePayload());
        } catch (TrustRefused e) {
            throw corrupt("bundle: " + e.getMessage(), "a readable bundle");
        }
        if (bundle.epoch() != stored.epoch()) {
            throw corrupt("bundle of epoch " + bundle.epoch(), "epoch " + stored.epoch());
        }
        if (!bundle.trustDomain().equals(trustDomain)) {
            throw new AuthorityRefused(
                    Reason.JOURNAL_OTHER_TRUST_DOMAIN,
                    "journal: trust domain "
                            + bundle.trustDomain()
                            + " (expected: "
                            + trustDomain
                            + ", or another store)");
        }
        return bundle;
    }

    private static void checkRoots(AuthorityJournal.State stored, TrustBundle bundle) {
        boolean same = stored.roots().size() == bundle.roots().size();
        for (int i = 0; same && i < stored.roots().size(); i++) {
            same = Arrays.equals(stored.roots().get(i), encoded(bundle.roots().get(i)));
        }
        if (!same) {
            throw corrupt("other roots than in the bundle", "the same");
        }
    }

    private static void checkBundleKey(
            AuthorityJournal.State stored, TrustBundle bundle, PublicKey key) {
        String id = SigningKeys.idOf(key);
        boolean listed = bundle.signingKeys().stream().map(SigningKeys::idOf).anyMatch(id::equals);
        if (!listed || !id.equals(stored.bundleKeyId())) {
            throw new AuthorityRefused(
                    Reason.BUNDLE_KEY_MISMATCH,
                    "bundle-signing key "
                            + stored.bundleKey()
                            + ": "
                            + id
                            + " (expected: "
                            + stored.bundleKeyId()
                            + ", from the vault that made epoch "
                            + stored.epoch()
                            + ")");
        }
    }

    private static void checkSignature(TrustBundle bundle, SignedTrustBundle signed) {
        try {
            SigningKeys.of(bundle)
                    .verify(
                            SigningContext.BUNDLE,
                            signed.payload(),
                            signed.keyId(),
                            signed.signature());
        } catch (TrustRefused e) {
            throw corrupt(String.valueOf(e.getMessage()), "signed by the bundle-signing key");
        }
    }

    private static X509Certificate rootOf(
            PublicKey key, AuthorityJournal.State stored, List<X509Certificate> roots) {
        byte[] encoded = key.getEncoded();
        for (X509Certificate root : roots) {
            if (Arrays.equals(root.getPublicKey().getEncoded(), encoded)) {
                return root;
            }
        }
        throw mismatch(stored.signingRoot());
    }

    private static AuthorityRefused mismatch(String name) {
        return new AuthorityRefused(
                Reason.ROOT_KEY_MISMATCH,
                "root key "
                        + name
                        + ": not the key of the root in force"
                        + " (expected: from the vault that made it)");
    }

    private SigningKey key(String name, Reason missing, String what) throws KeyVaultException {
        SigningKey known = opened.get(name);
        if (known != null) {
            return known;
        }
        SigningKey found =
                vault.find(name)
                        .orElseThrow(() ->
                                new AuthorityRefused(
                                        missing,
                                        what
                                                + " "
                                                + name
                                                + ": not in the vault (expected: there, the"
                                                + " journal names it; restore the vault"
                                                + " from its backup)"));
        opened.put(name, found);
        return found;
    }

    static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("certificate: does not encode (expected: DER)", e);
        }
    }

    private static AuthorityRefused corrupt(String value, String expectation) {
        return new AuthorityRefused(
                Reason.JOURNAL_CORRUPT, "journal: " + value + " (expected: " + expectation + ")");
    }
}
