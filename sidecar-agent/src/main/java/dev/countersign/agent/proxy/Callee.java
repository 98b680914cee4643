package dev.countersign.agent.proxy;

import dev.countersign.identity.SpiffeId;

/**
 * Whom the application calls.
 *
 * @param port of the peer; 0 where its address has none
 */
record Callee(SpiffeId identity, int port) {}
