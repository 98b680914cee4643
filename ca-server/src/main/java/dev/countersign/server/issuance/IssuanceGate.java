package dev.countersign.server.issuance;

import dev.countersign.server.attestation.AttestedWorkload;
import java.net.InetAddress;

/**
 * Who may take the server's time: caps before attestation, budgets after it. Before attestation only
 * the source and the whole are charged: charging an identity on its say-so would let anybody exhaust
 * a victim's budget.
 */
public interface IssuanceGate {
    /** What is shed last comes first. */
    enum Priority {
        FIRST_CERTIFICATE,
        EXPIRING,
        ROUTINE
    }

    /** A place among those served now; give it back. */
    interface Place extends AutoCloseable {
        @Override
        void close();
    }

    /** Step 1. Refusals: OVERLOADED, SOURCE_RATE, GLOBAL_RATE. */
    Place enter(InetAddress caller, Priority priority) throws IssuanceRefused;

    /** Step 2, after attestation. Refusals: BUDGET_IDENTITY, BUDGET_NAMESPACE. */
    void charge(AttestedWorkload workload) throws IssuanceRefused;

    /** Step 3: the same token with a second key is counted and limited. TOKEN_SECOND_KEY. */
    void chargeKey(AttestedWorkload workload, String publicKeyHash) throws IssuanceRefused;
}
