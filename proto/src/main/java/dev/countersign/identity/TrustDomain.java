package dev.countersign.identity;

/**
 * The name of a trust domain, lower case, without scheme (SPIFFE-ID, section 2.1).
 *
 * @param name 1 to 255 characters of {@code [a-z0-9._-]}
 */
public record TrustDomain(String name) implements Comparable<TrustDomain> {
    /** SPIFFE-ID, section 2.3. */
    public static final int MAX_LENGTH = 255;

    public TrustDomain {
        if (name.isEmpty()) {
            throw new MalformedIdentity("trust domain", name, "not empty");
        }
        if (name.length() > MAX_LENGTH) {
            throw new MalformedIdentity("trust domain", name, "at most 255 characters");
        }
        for (int i = 0; i < name.length(); i++) {
            if (!isLegal(name.charAt(i))) {
                throw new MalformedIdentity("trust domain", name, "only a-z 0-9 . - _");
            }
        }
    }

    /** Reads a name in any case and keeps it in lower case; no scheme, no path. */
    public static TrustDomain parse(String text) {
        return new TrustDomain(lowerAscii(text));
    }

    /** The trust domain as a SPIFFE ID: {@code spiffe://name}, no path. */
    public String id() {
        return SpiffeId.SCHEME + name;
    }

    @Override
    public int compareTo(TrustDomain other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }

    /** ASCII only: a locale must not decide what a name is. */
    static String lowerAscii(String text) {
        StringBuilder lower = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            lower.append(c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c);
        }
        return lower.toString();
    }

    private static boolean isLegal(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    }
}
