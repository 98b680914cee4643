package dev.countersign.server.authority;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.authority.AuthorityRefused.Reason;
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
        SigningKey rootKey = key(stored.signingRoot(), Reason.ROOT_KEY_MISSING, "root key");
        X509Certificate root = rootOf(rootKey.publicKey(), stored, bundle.roots());
        return new AuthorityState(stored, bundle, signed, root, rootKey, bundleKey);
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
        throw new AuthorityRefused(
                Reason.ROOT_KEY_MISMATCH,
                "root key "
                        + stored.signingRoot()
                        + ": not the key of any root of epoch "
                        + stored.epoch()
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
                                                + ": not in the vault (expected: there, the journal"
                                                + " names it; restore the vault from its backup)"));
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
