package dev.countersign.policy.match;

/** Identities of exactly the shape {@code <trust domain>/ns/<namespace>/sa/<service account>}. */
final class WorkloadPath {

    private static final String ACCOUNT = "/sa/";

    private WorkloadPath() {}

    /**
     * Where the namespace ends that starts at this index, or -1 if from there on the identity is
     * not {@code <namespace>/sa/<service account>}.
     */
    static int namespaceEnd(String principal, int start) {
        int end = principal.indexOf('/', start);
        boolean shaped =
                end > start
                        && principal.startsWith(ACCOUNT, end)
                        && isLastSegment(principal, end + ACCOUNT.length());
        return shaped ? end : -1;
    }

    /** Whether one segment that is not empty starts here, and nothing follows it. */
    static boolean isLastSegment(String principal, int start) {
        return start < principal.length() && principal.indexOf('/', start) < 0;
    }
}
