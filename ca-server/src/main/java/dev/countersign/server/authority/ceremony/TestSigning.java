package dev.countersign.server.authority.ceremony;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.identity.WellKnownIds;
import dev.countersign.server.authority.ceremony.ImportRefused.Reason;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.LocalKey;
import dev.countersign.server.keys.SigningKey;
import dev.countersign.server.lint.AuthorityLinter;
import dev.countersign.server.lint.LintProfile;
import dev.countersign.server.lint.LintProfile.Purpose;
import dev.countersign.server.lint.LintRefused;
import dev.countersign.server.lint.Linter;
import dev.countersign.server.x509.AuthorityPlan;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.server.x509.CertificatePlan;
import dev.countersign.server.x509.SerialNumbers;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustBundle;
import dev.countersign.trust.TrustBundles;
import dev.countersign.trust.TrustRefused;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Proves that a signing certificate and its key do what they are for: a replica's intermediate and
 * a leaf are made under them, linted, and put to the verifier that agents run. Nothing of it is
 * kept.
 */
public final class TestSigning {
    private static final Duration LIFE = Duration.ofHours(1);
    private static final Duration BACKDATE = Duration.ofMinutes(10);

    private final TrustDomain trustDomain;
    private final CertificateAssembler assembler;
    private final SecureRandom random;

    public TestSigning(
            TrustDomain trustDomain, CertificateAssembler assembler, SecureRandom random) {
        this.trustDomain = trustDomain;
        this.assembler = assembler;
        this.random = random;
    }

    /**
     * Signs and verifies.
     *
     * @param key of {@code chain.signing()}
     * @throws ImportRefused {@code IMPORT_KEY_MISMATCH} or {@code IMPORT_NOT_BELIEVED}
     * @throws KeyVaultException when the key does not sign
     */
    public void prove(ImportedChain chain, SigningKey key, Instant now)
            throws ImportRefused, KeyVaultException {
        if (!Arrays.equals(
                chain.signing().getPublicKey().getEncoded(), key.publicKey().getEncoded())) {
            throw new ImportRefused(
                    Reason.IMPORT_KEY_MISMATCH,
                    chain.signing().getSubjectX500Principal()
                            + ": of another key (expected: of the one in the vault)");
        }
        LocalKey replicaKey = LocalKey.generate(random);
        try {
            X509Certificate replica = replica(chain.signing(), key, replicaKey, now);
            List<X509Certificate> path = new ArrayList<>();
            path.add(leaf(replica, replicaKey, now));
            path.add(replica);
            path.addAll(chain.issuers());
            verify(path, chain.root(), replicaKey, now);
        } catch (LintRefused | TrustRefused e) {
            throw notBelieved(e);
        }
    }

    /**
     * The same for an intermediate of this process: only a leaf is made under it.
     *
     * @param key of {@code chain.signing()}
     */
    public void proveReplica(ImportedChain chain, LocalKey key, Instant now)
            throws ImportRefused, KeyVaultException {
        try {
            List<X509Certificate> path = new ArrayList<>();
            path.add(leaf(chain.signing(), key, now));
            path.addAll(chain.issuers());
            verify(path, chain.root(), key, now);
        } catch (LintRefused | TrustRefused e) {
            throw notBelieved(e);
        }
    }

    private static ImportRefused notBelieved(Exception e) {
        return new ImportRefused(Reason.IMPORT_NOT_BELIEVED, String.valueOf(e.getMessage()), e);
    }

    private X509Certificate replica(
            X509Certificate issuer, SigningKey issuerKey, LocalKey key, Instant now)
            throws LintRefused, KeyVaultException {
        AuthorityPlan plan =
                new AuthorityPlan(
                        SerialNumbers.next(random),
                        trustDomain,
                        AuthorityPlan.Role.INTERMEDIATE,
                        key.publicKey().getEncoded(),
                        later(now.minus(BACKDATE), issuer.getNotBefore().toInstant()),
                        earlier(now.plus(LIFE), issuer.getNotAfter().toInstant()),
                        0,
                        Optional.of(issuer));
        byte[] bytes =
                new AuthorityLinter()
                        .lint(
                                assembler.toBeSigned(plan, issuerKey.publicKey()),
                                plan,
                                issuerKey.publicKey())
                        .use();
        return assembler.certificate(bytes, issuerKey.publicKey(), issuerKey.sign(bytes));
    }

    private X509Certificate leaf(X509Certificate replica, LocalKey key, Instant now)
            throws LintRefused, KeyVaultException {
        SpiffeId id = WellKnownIds.caServer(trustDomain);
        CertificatePlan plan =
                new CertificatePlan(
                        SerialNumbers.next(random),
                        id,
                        List.of(),
                        LocalKey.generate(random).publicKey().getEncoded(),
                        later(now.minus(LintProfile.BACKDATE), replica.getNotBefore().toInstant()),
                        earlier(now.plus(LIFE), replica.getNotAfter().toInstant()),
                        replica);
        Linter linter = new Linter(LintProfile.of(Purpose.CA_SERVER, Duration.ofMinutes(1), LIFE));
        byte[] bytes = linter.lint(assembler.toBeSigned(plan), plan).use();
        return assembler.certificate(bytes, key.publicKey(), key.sign(bytes));
    }

    private void verify(
            List<X509Certificate> path, X509Certificate root, LocalKey signer, Instant now)
            throws TrustRefused {
        TrustBundle bundle =
                new TrustBundle(
                        trustDomain,
                        1,
                        now,
                        now.plus(LIFE),
                        List.of(root),
                        List.of(signer.publicKey()),
                        Optional.empty());
        TrustBundles bundles =
                new TrustBundles() {
                    @Override
                    public Optional<TrustBundle> bundle(TrustDomain asked) {
                        return asked.equals(trustDomain) ? Optional.of(bundle) : Optional.empty();
                    }

                    @Override
                    public long epoch() {
                        return 1;
                    }
                };
        new SvidVerifier(bundles, () -> now).verify(path, WellKnownIds.caServer(trustDomain));
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}
