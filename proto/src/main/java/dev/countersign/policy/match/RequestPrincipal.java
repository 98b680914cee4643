package dev.countersign.policy.match;

/**
 * A test of a token's issuer and subject, written {@code <issuer>/<subject>} and cut at the last
 * slash.
 *
 * <p>Which side a {@code *} widens depends on where it stands and on whether there is a slash, as
 * the documented behaviour has it: {@code *} needs both to be present; {@code *admin} is a suffix of
 * the subject, {@code iss*} a prefix of the issuer; {@code * /*} (without the blank) asks for a
 * subject that is literally {@code *}.
 */
public record RequestPrincipal(StringMatcher issuer, StringMatcher subject) {

    private static final StringMatcher PRESENT = new StringMatcher.Present();

    /** Compiles a written value. */
    public static RequestPrincipal of(String value) {
        if (value.equals("*")) {
            return new RequestPrincipal(PRESENT, PRESENT);
        }
        int slash = value.lastIndexOf('/');
        if (value.startsWith("*")) {
            return slash < 0
                    ? new RequestPrincipal(PRESENT, new StringMatcher.Suffix(value.substring(1)))
                    : new RequestPrincipal(
                            suffixOrPresent(value.substring(1, slash)),
                            new StringMatcher.Exact(value.substring(slash + 1)));
        }
        if (value.endsWith("*")) {
            return slash < 0
                    ? new RequestPrincipal(prefixOrPresent(value), PRESENT)
                    : new RequestPrincipal(
                            new StringMatcher.Exact(value.substring(0, slash)),
                            prefixOrPresent(value.substring(slash + 1)));
        }
        return slash < 0
                ? new RequestPrincipal(new StringMatcher.Never(), new StringMatcher.Never())
                : new RequestPrincipal(
                        new StringMatcher.Exact(value.substring(0, slash)),
                        new StringMatcher.Exact(value.substring(slash + 1)));
    }

    /** Whether both sides pass. */
    public boolean matches(String tokenIssuer, String tokenSubject) {
        return issuer.matches(tokenIssuer) && subject.matches(tokenSubject);
    }

    private static StringMatcher suffixOrPresent(String suffix) {
        return suffix.isEmpty() ? PRESENT : new StringMatcher.Suffix(suffix);
    }

    private static StringMatcher prefixOrPresent(String starred) {
        return starred.length() == 1
                ? PRESENT
                : new StringMatcher.Prefix(starred.substring(0, starred.length() - 1));
    }
}
