package dev.countersign.edges;

/** How the bytes of an edge travelled. */
public enum EdgeTls {
    /** Both sides showed a certificate. */
    MTLS,
    /** Nobody knows who the caller was, and everybody could read it. */
    PLAINTEXT
}
