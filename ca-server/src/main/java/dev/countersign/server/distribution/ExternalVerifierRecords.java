package dev.countersign.server.distribution;

import java.time.Instant;
import java.util.List;

/** Who is registered, and what they have: a port, kept by the store and shared by replicas. */
public interface ExternalVerifierRecords {
    /**
     * @param tokenHash lower-case hex SHA-256 of what it shows when it fetches
     * @return whether it is new
     */
    boolean add(ExternalVerifier verifier, String tokenHash);

    /** Whether there was one. */
    boolean remove(String name);

    /** By name. */
    List<ExternalVerifier> all();

    /**
     * The verifier with this token has a bundle now; never an older one than before.
     *
     * @return whether there is one
     */
    boolean fetched(String tokenHash, long epoch, Instant at);

    /** The same, by somebody's word. @return whether there is one */
    boolean acknowledged(String name, long epoch, Instant at, String how);
}
