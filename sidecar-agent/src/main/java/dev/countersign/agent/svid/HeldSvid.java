package dev.countersign.agent.svid;

import dev.countersign.trust.X509Svid;
import java.security.PrivateKey;

/**
 * The identity an agent holds: chain and key of one generation. The key is secret; {@link
 * #toString} hides it.
 *
 * @param svid the chain, leaf first
 * @param key the leaf's private key
 * @param generation rises by one with every certificate this agent process takes into use
 */
public record HeldSvid(X509Svid svid, PrivateKey key, long generation) {
    @Override
    public String toString() {
        return svid.id() + " generation " + generation;
    }
}
