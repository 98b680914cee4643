package dev.countersign.policy.match;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One compiled test of a string. Every form runs in time linear in the string. */
public sealed interface StringMatcher {

    /** Whether the string passes. */
    boolean matches(String value);

    /** Whether the part of the string from {@code start} to {@code end} passes. */
    default boolean matches(String value, int start, int end) {
        return matches(value.substring(start, end));
    }

    /** {@code abc} */
    record Exact(String text) implements StringMatcher {
        @Override
        public boolean matches(String value) {
            return value.equals(text);
        }
    }

    /** {@code abc*} */
    record Prefix(String text) implements StringMatcher {
        @Override
        public boolean matches(String value) {
            return value.startsWith(text);
        }
    }

    /** {@code *abc} */
    record Suffix(String text) implements StringMatcher {
        @Override
        public boolean matches(String value) {
            return value.endsWith(text);
        }
    }

    /** {@code *}: anything but the empty string. */
    record Present() implements StringMatcher {
        @Override
        public boolean matches(String value) {
            return !value.isEmpty();
        }
    }

    /** As {@link Exact}, blind to the case of ASCII letters. */
    record ExactIgnoringCase(String text) implements StringMatcher {
        @Override
        public boolean matches(String value) {
            return Ascii.equalsIgnoreCase(value, text);
        }
    }

    /** As {@link Prefix}, blind to the case of ASCII letters. */
    record PrefixIgnoringCase(String text) implements StringMatcher {
        @Override
        public boolean matches(String value) {
            return Ascii.regionMatchesIgnoreCase(value, 0, text);
        }
    }

    /** As {@link Suffix}, blind to the case of ASCII letters. */
    record SuffixIgnoringCase(String text) implements StringMatcher {
        @Override
        public boolean matches(String value) {
            return Ascii.regionMatchesIgnoreCase(value, value.length() - text.length(), text);
        }
    }

    /** {@code /orders/{*}/items/{**}} */
    record Template(PathTemplate template) implements StringMatcher {
        @Override
        public boolean matches(String value) {
            return template.matches(value);
        }
    }

    /** Literals with any text where a {@code *} stood, matched against the whole string. */
    record Wildcard(Glob glob) implements StringMatcher {
        @Override
        public boolean matches(String value) {
            return glob.matches(value);
        }

        @Override
        public boolean matches(String value, int start, int end) {
            return glob.matches(value, start, end);
        }
    }

    /** A peer whose identity names this namespace and service account, in any trust domain. */
    record AccountAnywhere(AccountPath path) implements StringMatcher {
        @Override
        public boolean matches(String value) {
            return path.matches(value);
        }
    }

    /** One of several literals. */
    record OneOf(Set<String> texts) implements StringMatcher {
        public OneOf {
            texts = Set.copyOf(texts);
        }

        @Override
        public boolean matches(String value) {
            return texts.contains(value);
        }
    }

    /**
     * A service account of one namespace.
     *
     * @param prefixes {@code <trust domain>/ns/<namespace>/sa/}, one for each trust domain
     */
    record AccountUnder(List<String> prefixes) implements StringMatcher {
        public AccountUnder {
            prefixes = List.copyOf(prefixes);
        }

        @Override
        public boolean matches(String value) {
            // By index: an iterator would be allocated for every request.
            for (int i = 0; i < prefixes.size(); i++) {
                if (value.startsWith(prefixes.get(i))
                        && WorkloadPath.isLastSegment(value, prefixes.get(i).length())) {
                    return true;
                }
            }
            return false;
        }
    }

    /**
     * A service account of some namespace.
     *
     * @param prefixes {@code <trust domain>/ns/}, one for each trust domain
     * @param namespace what its namespace must be like, or null: any
     */
    record AccountIn(List<String> prefixes, @Nullable StringMatcher namespace)
            implements StringMatcher {
        public AccountIn {
            prefixes = List.copyOf(prefixes);
        }

        @Override
        public boolean matches(String value) {
            for (int i = 0; i < prefixes.size(); i++) {
                int start = prefixes.get(i).length();
                if (value.startsWith(prefixes.get(i))) {
                    int end = WorkloadPath.namespaceEnd(value, start);
                    return end > 0 && (namespace == null || namespace.matches(value, start, end));
                }
            }
            return false;
        }
    }

    /** A peer of a trust domain that passes. */
    record TrustDomain(StringMatcher trustDomain) implements StringMatcher {
        @Override
        public boolean matches(String value) {
            int slash = value.indexOf('/');
            return slash > 0 && trustDomain.matches(value, 0, slash);
        }
    }

    /** Never: a value that cannot match anything. */
    record Never() implements StringMatcher {
        @Override
        public boolean matches(String value) {
            return false;
        }
    }
}
