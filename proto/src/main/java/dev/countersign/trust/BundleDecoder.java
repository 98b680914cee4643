package dev.countersign.trust;

/** Reads the payload of a signed bundle; {@code wire.BundleCodec::decode} is the one there is. */
@FunctionalInterface
public interface BundleDecoder {
    /**
     * @throws TrustRefused BUNDLE_MALFORMED, BUNDLE_EMPTY, or the rule that a root in it breaks
     */
    TrustBundle decode(byte[] payload) throws TrustRefused;
}
