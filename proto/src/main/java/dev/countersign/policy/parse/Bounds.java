package dev.countersign.policy.parse;

/**
 * How much of everything a document may hold. Public because the schemas of the custom resources are
 * made from the same numbers: what the API server keeps out and what is refused here never differ.
 */
public final class Bounds {
    /** {@code spec.rules} of an AuthorizationPolicy; limit of Istio's CRD, and so are the next three. */
    public static final int RULES = 512;

    /** {@code from} and {@code to} of one rule. */
    public static final int ALTERNATIVES = 512;

    /** {@code spec.targetRefs}. */
    public static final int TARGETS = 16;

    /** Entries of {@code serviceAccounts} in one source. */
    public static final int SERVICE_ACCOUNTS = 16;

    /** Characters of one of them. */
    public static final int SERVICE_ACCOUNT_LENGTH = 320;

    /** Ports of one PeerAuthentication. */
    public static final int PORT_MODES = 512;

    /** {@code spec.jwtRules} of a RequestAuthentication. */
    public static final int JWT_RULES = 64;

    /** Entries of each list in one of them. */
    public static final int JWT_ENTRIES = 64;

    /** Characters of each text in one of them. */
    public static final int JWT_TEXT_LENGTH = 1024;

    /** Characters of a header's name. */
    public static final int HEADER_NAME_LENGTH = 256;

    /** Characters of keys that are written out. */
    public static final int JWKS_LENGTH = 64 * 1024;

    private Bounds() {}
}
