package dev.countersign.server.authority.approval;

import dev.countersign.identity.TrustDomain;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Exactly what would happen, in words and values that a person can check.
 *
 * @param kind what it is
 * @param trustDomain whose authority
 * @param epoch of the state that it starts from
 * @param facts what it acts on, for instance {@code root} and its SHA-256; names are {@code
 *     [a-z-]}, values one line of at most 1024 characters; at most 16
 */
public record Step(
        Kind kind, TrustDomain trustDomain, long epoch, SortedMap<String, String> facts) {
    private static final int MAX_FACTS = 16;
    private static final int MAX_VALUE = 1024;

    /** What a step is. */
    public enum Kind {
        /** A root begins to sign. */
        ACTIVATE,
        /** A root is believed no more, at once. */
        DISTRUST,
        /** A root or issuer made elsewhere comes in. */
        IMPORT,
        /** A key is destroyed for good. */
        DESTROY,
        /** A guard that refuses is overruled. */
        OVERRIDE;

        /** As people write it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Step {
        if (facts.size() > MAX_FACTS) {
            throw new IllegalArgumentException(
                    "step: " + facts.size() + " facts (expected: <= " + MAX_FACTS + ")");
        }
        facts.forEach(Step::check);
        facts = Collections.unmodifiableSortedMap(new TreeMap<>(facts));
    }

    public Step(Kind kind, TrustDomain trustDomain, long epoch, Map<String, String> facts) {
        this(kind, trustDomain, epoch, new TreeMap<>(facts));
    }

    /** One line for each value, in one order: equal steps have equal texts. */
    public String text() {
        StringBuilder text = new StringBuilder("countersign step v1\n");
        line(text, "step", kind.text());
        line(text, "trust-domain", trustDomain.name());
        line(text, "epoch", Long.toString(epoch));
        facts.forEach((name, value) -> line(text, "fact-" + name, value));
        return text.toString();
    }

    static void line(StringBuilder text, String name, String value) {
        text.append(name).append(": ").append(value).append('\n');
    }

    private static void check(String name, String value) {
        if (name.isEmpty() || !name.chars().allMatch(c -> (c >= 'a' && c <= 'z') || c == '-')) {
            throw new IllegalArgumentException(
                    "step: fact " + name + " (expected: a name of a-z -)");
        }
        if (value.length() > MAX_VALUE || value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "step: fact "
                            + name
                            + " of "
                            + value.length()
                            + " characters (expected: one line, <= "
                            + MAX_VALUE
                            + ")");
        }
    }
}
