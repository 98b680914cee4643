package dev.countersign.trust;

import dev.countersign.identity.SpiffeId;
import java.time.Instant;

/**
 * Proof: this peer has this SPIFFE ID, and this is how we know. Made only by {@link SvidVerifier};
 * the authorizer asks for it.
 */
public final class VerifiedPeer {
    private final SpiffeId id;
    private final String serial;
    private final String issuerKeyId;
    private final String rootKeyId;
    private final Instant notAfter;
    private final long bundleEpoch;

    VerifiedPeer(
            SpiffeId id,
            String serial,
            String issuerKeyId,
            String rootKeyId,
            Instant notAfter,
            long bundleEpoch) {
        this.id = id;
        this.serial = serial;
        this.issuerKeyId = issuerKeyId;
        this.rootKeyId = rootKeyId;
        this.notAfter = notAfter;
        this.bundleEpoch = bundleEpoch;
    }

    public SpiffeId id() {
        return id;
    }

    /** Lower-case hex, no leading zeros. */
    public String serial() {
        return serial;
    }

    /** Lower-case hex authority key identifier of the leaf; empty when it has none. */
    public String issuerKeyId() {
        return issuerKeyId;
    }

    /**
     * Lower-case hex subject key identifier of the root that vouched: the one that was needed. Empty
     * when it has none.
     */
    public String rootKeyId() {
        return rootKeyId;
    }

    public Instant notAfter() {
        return notAfter;
    }

    /** Epoch of the bundles this was verified against. */
    public long bundleEpoch() {
        return bundleEpoch;
    }

    @Override
    public String toString() {
        return id + " serial " + serial;
    }
}
