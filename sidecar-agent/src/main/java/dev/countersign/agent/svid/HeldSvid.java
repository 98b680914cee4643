package dev.countersign.agent.svid;

import dev.countersign.agent.ca.ClientIdentity;
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
    /** What to authenticate with at the CA. */
    public ClientIdentity asClient() {
        return new ClientIdentity(svid.chain(), key);
    }

    @Override
    public String toString() {
        return svid.id() + " generation " + generation;
    }
}
