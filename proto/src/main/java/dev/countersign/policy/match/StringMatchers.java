package dev.countersign.policy.match;

import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * What a written value turns into, field by field.
 *
 * <p>A leading {@code *} is looked at before a trailing one, and a {@code *} anywhere else is a
 * literal: {@code *a*} is the suffix {@code a*}, and {@code /service/*health} is an exact path.
 */
public final class StringMatchers {

    private static final StringMatcher PRESENT = new StringMatcher.Present();
    private static final String SCHEME = "spiffe://";

    private StringMatchers() {}

    /** Exact, {@code prefix*}, {@code *suffix} or {@code *}, sensitive to case. */
    public static StringMatcher text(String value) {
        if (value.equals("*")) {
            return PRESENT;
        }
        if (value.startsWith("*")) {
            return new StringMatcher.Suffix(value.substring(1));
        }
        if (value.endsWith("*")) {
            return new StringMatcher.Prefix(value.substring(0, value.length() - 1));
        }
        return new StringMatcher.Exact(value);
    }

    /** As {@link #text}, blind to the case of ASCII letters. */
    public static StringMatcher host(String value) {
        return switch (text(value)) {
            case StringMatcher.Exact exact -> new StringMatcher.ExactIgnoringCase(exact.text());
            case StringMatcher.Prefix prefix -> new StringMatcher.PrefixIgnoringCase(prefix.text());
            case StringMatcher.Suffix suffix -> new StringMatcher.SuffixIgnoringCase(suffix.text());
            case StringMatcher other -> other;
        };
    }

    /**
     * A path: a template where it holds {@code {*}} or {@code {**}}, else {@link #text}.
     *
     * @throws IllegalArgumentException if it is a template with a fault
     */
    public static StringMatcher path(String value) {
        return PathTemplate.isTemplate(value)
                ? new StringMatcher.Template(PathTemplate.of(value))
                : text(value);
    }

    /**
     * A peer identity, tested without its {@code spiffe://}. A value that starts with the scheme
     * itself asks for {@code spiffe://spiffe://…} and never matches.
     */
    public static StringMatcher principal(String value) {
        return value.startsWith(SCHEME) ? new StringMatcher.Never() : text(value);
    }

    /** A peer of a namespace in any trust domain; a {@code *} stands for any text. */
    public static StringMatcher namespaceAnywhere(String value) {
        return new StringMatcher.Wildcard(Glob.of("*/ns/" + value + "/*"));
    }

    /** A peer of a namespace in one of the given trust domains. */
    public static StringMatcher namespaceIn(List<String> trustDomains, String value) {
        return value.indexOf('*') < 0
                ? new StringMatcher.AccountUnder(
                        each(trustDomains, domain -> domain + "/ns/" + value + "/sa/"))
                : new StringMatcher.AccountIn(
                        each(trustDomains, domain -> domain + "/ns/"),
                        new StringMatcher.Wildcard(Glob.of(value)));
    }

    /** A service account in any trust domain. Both names are literal. */
    public static StringMatcher accountAnywhere(String namespace, String account) {
        return new StringMatcher.AccountAnywhere(new AccountPath(namespace, account));
    }

    /** A service account in one of the given trust domains. Both names are literal. */
    public static StringMatcher accountIn(
            List<String> trustDomains, String namespace, String account) {
        return new StringMatcher.OneOf(
                Set.copyOf(
                        each(
                                trustDomains,
                                domain -> domain + "/ns/" + namespace + "/sa/" + account)));
    }

    /** Any workload of one of the given trust domains. */
    public static StringMatcher anyAccountIn(List<String> trustDomains) {
        return new StringMatcher.AccountIn(each(trustDomains, domain -> domain + "/ns/"), null);
    }

    /** A peer of a trust domain; {@code *} alone is any identity, elsewhere any text. */
    public static StringMatcher trustDomain(String value) {
        if (value.equals("*")) {
            return PRESENT;
        }
        return value.indexOf('*') < 0
                ? new StringMatcher.Prefix(value + "/")
                : new StringMatcher.TrustDomain(new StringMatcher.Wildcard(Glob.of(value)));
    }

    private static List<String> each(List<String> trustDomains, UnaryOperator<String> make) {
        return trustDomains.stream().map(make).toList();
    }
}
