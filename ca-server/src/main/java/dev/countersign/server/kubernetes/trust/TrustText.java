package dev.countersign.server.kubernetes.trust;

/**
 * What is published.
 *
 * @param trustDomain whose it is
 * @param bootstrap the bootstrap file of agents
 * @param roots PEM, all that are believed
 */
public record TrustText(String trustDomain, String bootstrap, String roots) {}
