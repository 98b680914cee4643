package dev.countersign.server.attestation.serviceaccount;

import java.util.Optional;

/** Gets a JWK set from where it is kept. Called by one thread at a time. */
public interface JwksLoader {
    /** Most bytes of a document. */
    int MAX_BYTES = 512 * 1024;

    /** Where from: for logs and health. */
    String origin();

    /**
     * @param known version of the document already held, empty when there is none
     * @return empty when the document is still that version
     * @throws JwksUnavailable when it cannot be had
     */
    Optional<Document> load(String known) throws JwksUnavailable;

    /**
     * A document as it was read.
     *
     * @param version differs from that of every other content; not empty
     */
    record Document(byte[] bytes, String version) {}
}
