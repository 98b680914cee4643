package dev.countersign.identity;

import java.util.Optional;

/**
 * A SPIFFE ID (SPIFFE-ID, section 2): {@code spiffe://trust-domain/path}.
 *
 * @param trustDomain the trust domain
 * @param path empty, or segments of {@code [a-zA-Z0-9._-]} each with a {@code /} in front; no empty,
 *     {@code .} or {@code ..} segment, no trailing slash
 */
public record SpiffeId(TrustDomain trustDomain, String path) implements Comparable<SpiffeId> {
    public static final String SCHEME = "spiffe://";

    /** SPIFFE-ID, section 2.3: every implementation accepts 2048 bytes, none should make more. */
    public static final int MAX_LENGTH = 2048;

    private static final String NAMESPACE = "/ns/";
    private static final String SERVICE_ACCOUNT = "/sa/";

    public SpiffeId {
        checkPath(path);
        if (SCHEME.length() + trustDomain.name().length() + path.length() > MAX_LENGTH) {
            throw new MalformedIdentity("SPIFFE ID", path, "at most 2048 bytes in all");
        }
    }

    /**
     * Parses strictly: scheme and trust domain in any case, the path as it is.
     *
     * @throws MalformedIdentity when any rule of SPIFFE-ID section 2 is broken
     */
    public static SpiffeId parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new MalformedIdentity("SPIFFE ID", text, "at most 2048 bytes");
        }
        if (text.length() < SCHEME.length()
                || !TrustDomain.lowerAscii(text.substring(0, SCHEME.length())).equals(SCHEME)) {
            throw new MalformedIdentity("SPIFFE ID", text, "scheme spiffe://");
        }
        int slash = text.indexOf('/', SCHEME.length());
        int end = slash < 0 ? text.length() : slash;
        TrustDomain trustDomain = TrustDomain.parse(text.substring(SCHEME.length(), end));
        return new SpiffeId(trustDomain, text.substring(end));
    }

    /** {@code spiffe://trust-domain/ns/namespace/sa/service-account}. */
    public static SpiffeId of(TrustDomain trustDomain, ServiceAccountName account) {
        return new SpiffeId(
                trustDomain, NAMESPACE + account.namespace() + SERVICE_ACCOUNT + account.name());
    }

    /** The service account this ID stands for; empty when the path has any other shape. */
    public Optional<ServiceAccountName> serviceAccount() {
        if (!path.startsWith(NAMESPACE)) {
            return Optional.empty();
        }
        int sa = path.indexOf(SERVICE_ACCOUNT, NAMESPACE.length());
        if (sa < 0) {
            return Optional.empty();
        }
        String namespace = path.substring(NAMESPACE.length(), sa);
        String name = path.substring(sa + SERVICE_ACCOUNT.length());
        if (!ServiceAccountName.isNamespace(namespace) || !ServiceAccountName.isName(name)) {
            return Optional.empty();
        }
        return Optional.of(new ServiceAccountName(namespace, name));
    }

    @Override
    public int compareTo(SpiffeId other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return SCHEME + trustDomain.name() + path;
    }

    private static void checkPath(String path) {
        if (path.isEmpty()) {
            return;
        }
        if (path.charAt(0) != '/') {
            throw new MalformedIdentity("SPIFFE ID path", path, "a leading /");
        }
        int start = 1;
        for (int i = 1; i <= path.length(); i++) {
            if (i == path.length() || path.charAt(i) == '/') {
                checkSegment(path, start, i);
                start = i + 1;
            } else if (!isLegal(path.charAt(i))) {
                throw new MalformedIdentity(
                        "SPIFFE ID path", path, "only a-z A-Z 0-9 . - _ in segments");
            }
        }
    }

    private static void checkSegment(String path, int start, int end) {
        int length = end - start;
        boolean empty = length == 0;
        boolean dot = length == 1 && path.charAt(start) == '.';
        boolean dots = length == 2 && path.charAt(start) == '.' && path.charAt(start + 1) == '.';
        if (empty || dot || dots) {
            throw new MalformedIdentity(
                    "SPIFFE ID path", path, "no empty, . or .. segment, no trailing /");
        }
    }

    private static boolean isLegal(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '-'
                || c == '_';
    }
}
