package dev.countersign.agent.ca;

import dev.countersign.identity.SpiffeId;

/** Whom a connection to a service must find at its other end. */
public sealed interface ServicePeer {

    /**
     * As settings have it, where at most one of the two is given.
     *
     * @param spiffeId empty: none
     * @param roots PEM certificates; empty: none
     */
    static ServicePeer of(String spiffeId, String roots) {
        if (!spiffeId.isEmpty()) {
            return new Identity(SpiffeId.parse(spiffeId));
        }
        return roots.isEmpty() ? new Anybody() : new Named(roots);
    }

    /** Whoever answers, in plaintext. */
    record Anybody() implements ServicePeer {}

    /**
     * The name that was dialled, certified by one of these: TLS, without a certificate of our own.
     *
     * @param roots PEM certificates, the only ones trusted
     */
    record Named(String roots) implements ServicePeer {}

    /** Exactly this workload, over mutual TLS. */
    record Identity(SpiffeId id) implements ServicePeer {}
}
