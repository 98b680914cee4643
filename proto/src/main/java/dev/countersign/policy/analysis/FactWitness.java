package dev.countersign.policy.analysis;

import dev.countersign.policy.Request;
import dev.countersign.policy.analysis.region.Fact;
import dev.countersign.policy.analysis.text.Automata;
import dev.countersign.policy.analysis.text.Language;
import dev.countersign.policy.analysis.text.Shape;
import dev.countersign.policy.match.RequestPrincipal;
import dev.countersign.policy.match.StringMatcher;
import dev.countersign.policy.match.StringMatchers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Tries to make claims and notes for which facts are as they should be. It need not succeed: the
 * engine judges what comes of it.
 */
final class FactWitness {

    private static final List<String> WORDS = List.of("someone", "https://issuer.example", "other");

    private final Automata automata;
    private final WrittenTexts texts;
    private final Map<List<String>, Wanted> claims = new HashMap<>();
    private final Map<String, Wanted> notes = new TreeMap<>();
    private Language issuer;
    private Language subject;
    private boolean token;

    FactWitness(Automata automata) {
        this.automata = automata;
        this.texts = new WrittenTexts(automata);
        this.issuer = automata.of(Shape.SOME);
        this.subject = automata.of(Shape.SOME);
    }

    void add(Fact fact, boolean holds) {
        switch (fact) {
            case Fact.ClaimPresent claim -> claim(claim.claim()).present |= holds;
            case Fact.ClaimText claim -> claim(claim.claim()).add(claim.value(), holds);
            case Fact.ClaimScalar claim -> {
                if (holds) {
                    claim(claim.claim()).scalars.add(claim.value());
                }
            }
            case Fact.TokenPresent present -> token |= holds;
            case Fact.TokenPrincipal principal -> addPrincipal(principal.value(), holds);
            case Fact.NotePresent note -> note(note.key()).present |= holds;
            case Fact.NoteText note -> note(note.key()).add(note.value(), holds);
            // Nothing can be done about these: they hold or do not, and the engine will say.
            case Fact.Expression expression -> {}
            case Fact.ExpressionFails expression -> {}
            case Fact.ProviderAllows provider -> {}
        }
    }

    void addTo(Request.Builder builder) {
        Map<String, Object> made = new HashMap<>();
        if (token) {
            made.put("iss", issuer.witness(WORDS.subList(1, 2)) + "");
            made.put("sub", subject.witness(WORDS) + "");
        }
        claims.forEach((path, wanted) -> {
            Object value = wanted.claim();
            if (value != null) {
                put(made, path, value);
            }
        });
        if (!made.isEmpty()) {
            builder.jwtClaims(made);
        }
        Map<String, Object> noted = new HashMap<>();
        notes.forEach((key, wanted) -> {
            Object value = wanted.note();
            if (value != null) {
                noted.put(key, value);
            }
        });
        builder.metadata(noted);
    }

    private void addPrincipal(String value, boolean holds) {
        RequestPrincipal principal = RequestPrincipal.of(value);
        if (holds) {
            token = true;
            issuer = issuer.and(language(principal.issuer()));
            subject = subject.and(language(principal.subject()));
        } else {
            Language other = subject.minus(language(principal.subject()));
            if (other.isEmpty()) {
                issuer = issuer.minus(language(principal.issuer()));
            } else {
                subject = other;
            }
        }
    }

    private Language language(StringMatcher matcher) {
        return switch (matcher) {
            case StringMatcher.Exact exact -> automata.of(List.of(exact.text()));
            case StringMatcher.Prefix prefix ->
                    automata.of(Shape.sequence(Shape.literal(prefix.text()), Shape.ANY));
            case StringMatcher.Suffix suffix ->
                    automata.of(Shape.sequence(Shape.ANY, Shape.literal(suffix.text())));
            case StringMatcher.Present present -> automata.of(Shape.SOME);
            default -> automata.nothing();
        };
    }

    private Wanted claim(List<String> path) {
        return claims.computeIfAbsent(path, key -> new Wanted());
    }

    private Wanted note(String key) {
        return notes.computeIfAbsent(key, one -> new Wanted());
    }

    @SuppressWarnings("unchecked") // only maps made here are in it, or texts that are replaced
    private static void put(Map<String, Object> into, List<String> path, Object value) {
        Map<String, Object> at = into;
        for (String name : path.subList(0, path.size() - 1)) {
            Object inner = at.get(name);
            if (!(inner instanceof Map)) {
                inner = new HashMap<String, Object>();
                at.put(name, inner);
            }
            at = (Map<String, Object>) inner;
        }
        at.put(path.getLast(), value);
    }

    /** What a claim or a note should be like. */
    private final class Wanted {
        private final List<String> matching = new ArrayList<>();
        private final List<String> scalars = new ArrayList<>();
        private Language forbidden = automata.nothing();
        private Language forbiddenItems = automata.nothing();
        private boolean present;

        void add(String value, boolean holds) {
            if (holds) {
                matching.add(value);
                return;
            }
            forbidden = forbidden.or(texts.text(value));
            if (isList(value)) {
                forbiddenItems = forbiddenItems.or(texts.text(inner(value)));
            }
        }

        @Nullable Object claim() {
            List<Object> items = new ArrayList<>();
            for (String value : matching) {
                items.add(texts.text(value).minus(forbidden).witness(List.of()) + "");
            }
            scalars.forEach(value -> items.add(scalar(value)));
            if (items.isEmpty() && present) {
                items.add(automata.of(Shape.SOME).minus(forbidden).witness(WORDS) + "");
            }
            return items.isEmpty() ? null : items.size() == 1 ? items.getFirst() : items;
        }

        @Nullable Object note() {
            List<String> lists = matching.stream().filter(FactWitness::isList).toList();
            if (!lists.isEmpty()) {
                return lists.stream()
                        .map(value ->
                                texts.text(inner(value)).minus(forbiddenItems).witness(List.of())
                                        + "")
                        .toList();
            }
            Language all = automata.of(Shape.SOME).minus(forbidden);
            for (String value : matching) {
                all = all.and(texts.text(value));
            }
            return matching.isEmpty() && !present ? null : all.witness(WORDS);
        }
    }

    private static Object scalar(String value) {
        for (String flag : List.of("true", "false")) {
            if (StringMatchers.text(value).matches(flag)) {
                return Boolean.valueOf(flag);
            }
        }
        try {
            return Long.valueOf(value);
        } catch (NumberFormatException e) {
            return value;
        }
    }

    private static boolean isList(String value) {
        return value.length() > 1 && value.startsWith("[") && value.endsWith("]");
    }

    private static String inner(String value) {
        return value.substring(1, value.length() - 1);
    }
}
