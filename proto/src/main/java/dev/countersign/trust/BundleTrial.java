package dev.countersign.trust;

/** Tries a bundle that is believed, before anybody depends on it. */
@FunctionalInterface
public interface BundleTrial {
    /** Every bundle passes. */
    BundleTrial NONE = candidate -> {};

    /**
     * @throws TrustRefused BUNDLE_UNUSABLE when handshakes cannot be made with it here: the one held
     *     before stays
     */
    void run(TrustBundle candidate) throws TrustRefused;
}
