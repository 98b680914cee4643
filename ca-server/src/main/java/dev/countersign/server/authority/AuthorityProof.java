package dev.countersign.server.authority;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.authority.ceremony.ImportRefused;
import dev.countersign.server.authority.ceremony.ImportedChain;
import dev.countersign.server.authority.ceremony.TestSigning;
import dev.countersign.server.authority.rotation.KnownRoot;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.server.x509.KeyIds;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;

/**
 * Shows that a journal and a vault belong together and can be worked with: the state is loaded as a
 * server loads it, and a certificate is made under its root. Changes nothing.
 */
public final class AuthorityProof {
    private AuthorityProof() {}

    /**
     * What was shown.
     *
     * @param epoch of the journal
     * @param root that signs
     * @param rootSha256 lower-case hex, of the whole certificate
     * @param signed whether a certificate was signed; below a root that is kept upstream there is
     *     nothing here to sign with, and keys and records were compared only
     */
    public record Proven(long epoch, X509Certificate root, String rootSha256, boolean signed) {}

    /**
     * Loads, signs, verifies.
     *
     * @throws AuthorityRefused when they do not fit together
     * @throws ImportRefused when agents would not believe what is signed
     */
    public static Proven prove(
            TrustDomain trustDomain,
            AuthorityJournal.State journal,
            KeyVault vault,
            Instant now,
            SecureRandom random)
            throws KeyVaultException, ImportRefused {
        AuthorityState state = new StateLoader(trustDomain, vault).load(journal);
        KnownRoot signing = state.root().root();
        X509Certificate root = signing.certificate();
        if (signing.isUpstream()) {
            return new Proven(state.epoch(), root, KeyIds.sha256(root), false);
        }
        new TestSigning(trustDomain, new CertificateAssembler(), random)
                .prove(new ImportedChain(signing.issuers(), root), state.root().key(), now);
        return new Proven(state.epoch(), root, KeyIds.sha256(root), true);
    }
}
