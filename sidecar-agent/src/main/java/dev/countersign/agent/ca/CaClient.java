package dev.countersign.agent.ca;

import java.util.Optional;

/** Asks the CA for a certificate. Blocks the caller for at most the call's deadline. */
public interface CaClient {
    /**
     * Presents the token of the workload, and at a renewal the current certificate too.
     *
     * @param csr PKCS#10, DER, of a new key
     * @param current what to authenticate with; empty for the first certificate
     * @return what came, not yet verified; or why nothing came
     */
    IssueOutcome issue(byte[] csr, Optional<ClientIdentity> current);
}
