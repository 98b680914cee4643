package dev.countersign.agent.ca;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What this agent authenticates with at the CA. The key is secret; {@link #toString} hides it.
 *
 * @param chain leaf first
 * @param key of the leaf
 */
public record ClientIdentity(List<X509Certificate> chain, PrivateKey key) {
    public ClientIdentity {
        chain = List.copyOf(chain);
    }

    @Override
    public String toString() {
        return "ClientIdentity[serial " + chain.getFirst().getSerialNumber().toString(16) + "]";
    }
}
