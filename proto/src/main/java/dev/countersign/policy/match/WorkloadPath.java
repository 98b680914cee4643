package dev.countersign.policy.match;

import org.jspecify.annotations.Nullable;

/** An identity of exactly the shape {@code <trust domain>/ns/<namespace>/sa/<service account>}. */
record WorkloadPath(String trustDomain, String namespace, String account) {

    /** The parts, or null for an identity of any other shape. */
    static @Nullable WorkloadPath of(String principal) {
        int ns = principal.indexOf("/ns/");
        if (ns <= 0 || principal.indexOf('/') != ns) {
            return null;
        }
        int namespaceStart = ns + 4;
        int namespaceEnd = principal.indexOf('/', namespaceStart);
        if (namespaceEnd <= namespaceStart || !principal.startsWith("/sa/", namespaceEnd)) {
            return null;
        }
        int accountStart = namespaceEnd + 4;
        if (accountStart >= principal.length() || principal.indexOf('/', accountStart) >= 0) {
            return null;
        }
        return new WorkloadPath(
                principal.substring(0, ns),
                principal.substring(namespaceStart, namespaceEnd),
                principal.substring(accountStart));
    }
}
