package dev.countersign.policy.match;

import java.util.List;

/** One compiled test of a string. Every form runs in time linear in the string. */
public sealed interface StringMatcher {

    /** Whether the string passes. */
    boolean matches(String value);

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
    }

    /** A peer whose identity names this namespace and service account, in any trust domain. */
    record AccountAnywhere(AccountPath path) implements StringMatcher {
        @Override
        public boolean matches(String value) {
            return path.matches(value);
        }
    }

    /**
     * A peer {@code <trust domain>/ns/<namespace>/sa/<service account>} of one of the given trust
     * domains, whose namespace and service account pass.
     */
    record AccountIn(List<String> trustDomains, StringMatcher namespace, StringMatcher account)
            implements StringMatcher {
        public AccountIn {
            trustDomains = List.copyOf(trustDomains);
        }

        @Override
        public boolean matches(String value) {
            WorkloadPath path = WorkloadPath.of(value);
            return path != null
                    && trustDomains.contains(path.trustDomain())
                    && namespace.matches(path.namespace())
                    && account.matches(path.account());
        }
    }

    /** A peer of a trust domain that passes. */
    record TrustDomain(StringMatcher trustDomain) implements StringMatcher {
        @Override
        public boolean matches(String value) {
            int slash = value.indexOf('/');
            return slash > 0 && trustDomain.matches(value.substring(0, slash));
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
