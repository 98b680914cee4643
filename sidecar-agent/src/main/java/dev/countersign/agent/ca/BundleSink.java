package dev.countersign.agent.ca;

import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.trust.TrustRefused;
import java.util.List;

/** Takes trust bundles from wherever they come; believes by signature, freshness and epoch alone. */
@FunctionalInterface
public interface BundleSink {
    /**
     * @param handovers in which bundle-signing keys announced each other; empty = none are known
     * @return whether it is newer than what was held
     * @throws TrustRefused when it is not believed; what was held stays
     */
    boolean offer(SignedTrustBundle signed, List<SignedTrustBundle> handovers) throws TrustRefused;
}
