package dev.countersign.policy.match;

/**
 * An identity path that names a namespace and a service account, in any trust domain and with
 * further segments around them.
 *
 * <p>The language is the full match of {@code .+/ns/<namespace>/(.+/|)sa/<account>(/.+)?} on the
 * identity without its {@code spiffe://}.
 */
public final class AccountPath {

    private final String namespaceName;
    private final String accountName;
    private final Needle namespace;
    private final Needle account;

    /** Both names are literal: no character in them has a meaning of its own. */
    public AccountPath(String namespace, String account) {
        this.namespaceName = namespace;
        this.accountName = account;
        this.namespace = new Needle("/ns/" + namespace + "/");
        this.account = new Needle("/sa/" + account);
    }

    /** As written. */
    public String namespace() {
        return namespaceName;
    }

    /** As written. */
    public String account() {
        return accountName;
    }

    /** Whether the identity names the service account. */
    public boolean matches(String principal) {
        // The first occurrence leaves the longest rest, and whatever a later one would allow
        // is allowed after the first as well.
        int found = namespace.indexIn(principal, 1);
        if (found < 0) {
            return false;
        }
        int rest = found + namespace.length();
        int at = account.indexIn(principal, rest - 1);
        while (at >= 0) {
            int segment = at + 1 - rest;
            if (segment != 1 && endsOrContinues(principal, at + account.length())) {
                return true;
            }
            at = account.indexIn(principal, at + 1);
        }
        return false;
    }

    private static boolean endsOrContinues(String principal, int end) {
        return end == principal.length()
                || (principal.charAt(end) == '/' && end + 1 < principal.length());
    }
}
