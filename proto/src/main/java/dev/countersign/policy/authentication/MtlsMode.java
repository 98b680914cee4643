package dev.countersign.policy.authentication;

/** Which connections a port takes. From the laxest to the strictest; compare by order. */
public enum MtlsMode {
    /** Says nothing: what is wider decides. */
    UNSET,
    /** Plaintext only. */
    DISABLE,
    /** Mutual TLS and plaintext. */
    PERMISSIVE,
    /** Mutual TLS only. */
    STRICT
}
