package dev.countersign.server.admission;

/**
 * Whom the API server believes when it calls us: a port, implemented where the API server is talked to.
 * One thread at a time.
 */
public interface TrustedRoots {
    /**
     * Sees to it that the webhooks' configurations name exactly these roots.
     *
     * @param pem certificates, concatenated
     * @return whether they do now; false is tried again later
     */
    boolean publish(String pem);

    /** Why they do not, for health; empty when they do. */
    String problem();
}
