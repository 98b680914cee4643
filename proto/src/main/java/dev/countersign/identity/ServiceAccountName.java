package dev.countersign.identity;

/**
 * A Kubernetes service account: namespace and name, both as Kubernetes allows them.
 *
 * @param namespace an RFC 1123 label: at most 63 of {@code [a-z0-9-]}, no leading or trailing dash
 * @param name an RFC 1123 subdomain: at most 253 of {@code [a-z0-9.-]}, each label well-formed
 */
public record ServiceAccountName(String namespace, String name)
        implements Comparable<ServiceAccountName> {
    private static final int MAX_LABEL = 63;
    private static final int MAX_SUBDOMAIN = 253;

    public ServiceAccountName {
        if (!isNamespace(namespace)) {
            throw new MalformedIdentity("namespace", namespace, "an RFC 1123 label");
        }
        if (!isName(name)) {
            throw new MalformedIdentity("service account", name, "an RFC 1123 subdomain");
        }
    }

    /** Reads {@code namespace/name}. */
    public static ServiceAccountName parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new MalformedIdentity("service account", text, "namespace/name");
        }
        return new ServiceAccountName(text.substring(0, slash), text.substring(slash + 1));
    }

    /** Whether Kubernetes would take this as the name of a namespace. */
    public static boolean isNamespace(String text) {
        return isLabel(text, 0, text.length(), MAX_LABEL);
    }

    /** Whether Kubernetes would take this as the name of a service account or a pod. */
    public static boolean isName(String text) {
        if (text.isEmpty() || text.length() > MAX_SUBDOMAIN) {
            return false;
        }
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || text.charAt(i) == '.') {
                if (!isLabel(text, start, i, MAX_SUBDOMAIN)) {
                    return false;
                }
                start = i + 1;
            }
        }
        return true;
    }

    @Override
    public int compareTo(ServiceAccountName other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }

    private static boolean isLabel(String text, int start, int end, int max) {
        if (end <= start || end - start > max) {
            return false;
        }
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            boolean alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
            boolean innerDash = c == '-' && i > start && i < end - 1;
            if (!alphanumeric && !innerDash) {
                return false;
            }
        }
        return true;
    }
}
