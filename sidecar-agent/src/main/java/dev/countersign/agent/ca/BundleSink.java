package dev.countersign.agent.ca;

import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.trust.TrustRefused;

/** Takes trust bundles from wherever they come; believes by signature, freshness and epoch alone. */
@FunctionalInterface
public interface BundleSink {
    /**
     * @return whether it is newer than what was held
     * @throws TrustRefused when it is not believed; what was held stays
     */
    boolean offer(SignedTrustBundle signed) throws TrustRefused;
}
