package dev.countersign.server.authority.ceremony;

import dev.countersign.server.authority.ceremony.ImportRefused.Reason;
import dev.countersign.server.x509.KeyIds;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/** Whether an intermediate that somebody else signed for this process will do. Pure. */
public final class ReplicaRules {
    /** Less is not worth a question. */
    static final Duration LEAST_LIFE = Duration.ofMinutes(15);

    private ReplicaRules() {}

    /**
     * @param chain the intermediate first
     * @param root whom it must lead to
     * @param key whose certificate it must be
     * @throws ImportRefused with the first rule that is broken
     */
    public static void check(ImportedChain chain, X509Certificate root, PublicKey key, Instant now)
            throws ImportRefused {
        if (!chain.root().equals(root)) {
            throw new ImportRefused(
                    Reason.IMPORT_NOT_BELIEVED,
                    "root: "
                            + KeyIds.sha256(chain.root())
                            + " (expected: "
                            + KeyIds.sha256(root)
                            + ", as configured)");
        }
        if (chain.issuers().isEmpty()
                || !Arrays.equals(chain.signing().getPublicKey().getEncoded(), key.getEncoded())) {
            throw new ImportRefused(
                    Reason.IMPORT_KEY_MISMATCH,
                    "intermediate: of another key (expected: of the one in the request)");
        }
        for (int i = 0; i < chain.issuers().size(); i++) {
            X509Certificate certificate = chain.issuers().get(i);
            ImportRules.checkKeyId(certificate);
            ImportRules.checkTime(certificate, "issuer", LEAST_LIFE, now);
            ImportRules.checkPathLength(certificate, i);
            ImportRules.checkUnder(certificate, chain.above(i).orElse(root));
        }
        ImportRules.checkPathLength(root, chain.issuers().size());
    }
}
