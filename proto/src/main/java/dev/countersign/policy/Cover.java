package dev.countersign.policy;

import dev.countersign.policy.match.Glob;
import dev.countersign.policy.match.RequestPrincipal;
import dev.countersign.policy.match.StringMatcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What a request must have for a rule to match at all, facet by facet.
 *
 * <p>A facet that a rule covers comes with keys, and every request that the rule matches has one of
 * them. The keys may promise too much and never too little: a negative clause covers nothing, a
 * template covers the text before its first operator. A facet with no keys is one that no request can
 * satisfy.
 */
final class Cover {

    private static final String ANY_NAMESPACE_HEAD = "*/ns/";
    private static final String ANY_NAMESPACE_TAIL = "/*";

    private Cover() {}

    /** The keys of a rule in every facet that it covers. */
    static Map<Facet, List<Key>> of(CompiledRule rule) {
        Map<Facet, List<Key>> cover = ofAll(rule.when());
        ofAny(rule.from()).forEach((facet, keys) -> keep(cover, facet, keys));
        ofAny(rule.to()).forEach((facet, keys) -> keep(cover, facet, keys));
        return cover;
    }

    /** Alternatives: a facet counts only if each of them covers it. */
    private static Map<Facet, List<Key>> ofAny(List<List<Clause>> alternatives) {
        if (alternatives.isEmpty()) {
            return Map.of();
        }
        Map<Facet, List<Key>> cover = ofAll(alternatives.getFirst());
        for (List<Clause> alternative : alternatives.subList(1, alternatives.size())) {
            Map<Facet, List<Key>> more = ofAll(alternative);
            cover.keySet().retainAll(more.keySet());
            cover.replaceAll((facet, keys) -> joined(keys, more.getOrDefault(facet, List.of())));
        }
        return cover;
    }

    /** Clauses that must all hold: the most telling of them counts. */
    private static Map<Facet, List<Key>> ofAll(List<Clause> clauses) {
        Map<Facet, List<Key>> cover = new HashMap<>();
        for (Clause clause : clauses) {
            if (!clause.negative()) {
                of(clause.matcher()).forEach((facet, keys) -> keep(cover, facet, keys));
            }
        }
        return cover;
    }

    private static Map<Facet, List<Key>> of(Matcher matcher) {
        return switch (matcher) {
            case Matcher.Text text -> ofText(text);
            case Matcher.Port ports ->
                    Map.of(new Facet.Port(), each(ports.any(), port -> new Key.OnPort(port)));
            case Matcher.Address addresses ->
                    Map.of(
                            new Facet.Address(addresses.which()),
                            each(addresses.any(), block -> new Key.Block(block.canonical())));
            case Matcher.Claims claims ->
                    claims.claim().split()
                            ? Map.of()
                            : Map.of(
                                    new Facet.ClaimText(claims.claim()),
                                    fromStart(claims.any(), false));
            case Matcher.TokenPrincipal principals ->
                    Map.of(
                            token(Matcher.TokenPrincipal.ISSUER),
                            fromStart(each(principals.any(), RequestPrincipal::issuer), false),
                            token(Matcher.TokenPrincipal.SUBJECT),
                            fromStart(each(principals.any(), RequestPrincipal::subject), false));
            case Matcher.Metadata metadata -> Map.of();
            case Matcher.Expression expression -> Map.of();
        };
    }

    private static Map<Facet, List<Key>> ofText(Matcher.Text text) {
        Map<Facet, List<Key>> cover = new HashMap<>();
        Facet.Text start = new Facet.Text(text.attribute(), false);
        cover.put(start, fromStart(text.any(), start.folded()));
        if (text.any().stream().anyMatch(Cover::isSuffix)) {
            Facet.Text end = new Facet.Text(text.attribute(), true);
            cover.put(end, each(text.any(), one -> fromEnd(one, end.folded())));
        }
        if (text.attribute() == Attribute.Plain.PRINCIPAL) {
            for (Facet.Segment segment : Facet.Segment.values()) {
                List<Key> keys = segments(segment, text.any());
                if (keys.size() == text.any().size()) {
                    cover.put(segment, keys);
                }
            }
        }
        return cover;
    }

    private static List<Key> fromStart(List<StringMatcher> any, boolean folded) {
        List<Key> keys = new ArrayList<>(any.size());
        any.forEach(one -> addFromStart(one, folded, keys));
        return keys;
    }

    private static void addFromStart(StringMatcher matcher, boolean folded, List<Key> keys) {
        switch (matcher) {
            case StringMatcher.Exact exact ->
                    keys.add(folded ? Key.Edge.of(exact.text()) : new Key.Whole(exact.text()));
            case StringMatcher.ExactIgnoringCase exact ->
                    keys.add(folded ? Key.Edge.of(exact.text()) : Key.Edge.PRESENT);
            case StringMatcher.Prefix prefix -> keys.add(Key.Edge.of(prefix.text()));
            case StringMatcher.PrefixIgnoringCase prefix ->
                    keys.add(folded ? Key.Edge.of(prefix.text()) : Key.Edge.PRESENT);
            case StringMatcher.Suffix suffix -> keys.add(Key.Edge.PRESENT);
            case StringMatcher.SuffixIgnoringCase suffix -> keys.add(Key.Edge.PRESENT);
            case StringMatcher.Present present -> keys.add(Key.Edge.PRESENT);
            case StringMatcher.Template template ->
                    keys.add(Key.Edge.of(template.template().literalPrefix()));
            case StringMatcher.Wildcard wildcard -> keys.add(Key.Edge.of(wildcard.glob().head()));
            case StringMatcher.AccountAnywhere account -> keys.add(Key.Edge.PRESENT);
            case StringMatcher.OneOf texts ->
                    texts.texts()
                            .forEach(one ->
                                    addFromStart(new StringMatcher.Exact(one), folded, keys));
            case StringMatcher.AccountUnder account ->
                    account.prefixes().forEach(one -> keys.add(Key.Edge.of(one)));
            case StringMatcher.AccountIn account ->
                    account.prefixes().forEach(one -> keys.add(Key.Edge.of(one)));
            case StringMatcher.TrustDomain domain -> keys.add(headOf(domain.trustDomain()));
            case StringMatcher.Never never -> {
                // No request has it.
            }
        }
    }

    private static Key headOf(StringMatcher trustDomain) {
        return trustDomain instanceof StringMatcher.Wildcard wildcard
                ? Key.Edge.of(wildcard.glob().head())
                : Key.Edge.PRESENT;
    }

    private static boolean isSuffix(StringMatcher matcher) {
        return matcher instanceof StringMatcher.Suffix
                || matcher instanceof StringMatcher.SuffixIgnoringCase;
    }

    private static Key fromEnd(StringMatcher matcher, boolean folded) {
        return switch (matcher) {
            case StringMatcher.Exact exact -> Key.Edge.of(exact.text());
            case StringMatcher.Suffix suffix -> Key.Edge.of(suffix.text());
            case StringMatcher.ExactIgnoringCase exact when folded -> Key.Edge.of(exact.text());
            case StringMatcher.SuffixIgnoringCase suffix when folded -> Key.Edge.of(suffix.text());
            // Whatever else there is beside a suffix tells nothing from this side.
            case StringMatcher other -> Key.Edge.PRESENT;
        };
    }

    /** One key for each of the matchers that ask for one segment; fewer where one does not. */
    private static List<Key> segments(Facet.Segment segment, List<StringMatcher> any) {
        List<Key> keys = new ArrayList<>();
        for (StringMatcher matcher : any) {
            if (matcher instanceof StringMatcher.AccountAnywhere account) {
                keys.add(
                        new Key.Whole(
                                switch (segment) {
                                    case NAMESPACE -> account.path().namespace();
                                    case ACCOUNT -> account.path().account();
                                }));
            } else if (segment == Facet.Segment.NAMESPACE
                    && matcher instanceof StringMatcher.Wildcard wildcard
                    && isAnywhere(wildcard.glob())) {
                keys.add(new Key.Whole(namespaceOf(wildcard.glob())));
            }
        }
        return keys;
    }

    private static boolean isAnywhere(Glob glob) {
        String pattern = glob.pattern();
        return pattern.length() > ANY_NAMESPACE_HEAD.length() + ANY_NAMESPACE_TAIL.length()
                && pattern.startsWith(ANY_NAMESPACE_HEAD)
                && pattern.endsWith(ANY_NAMESPACE_TAIL)
                && namespaceOf(glob).indexOf('*') < 0
                && namespaceOf(glob).indexOf('/') < 0;
    }

    private static String namespaceOf(Glob glob) {
        String pattern = glob.pattern();
        return pattern.substring(
                ANY_NAMESPACE_HEAD.length(), pattern.length() - ANY_NAMESPACE_TAIL.length());
    }

    private static Facet token(Claim claim) {
        return new Facet.Text(new Attribute.TokenText(claim), false);
    }

    private static void keep(Map<Facet, List<Key>> cover, Facet facet, List<Key> keys) {
        cover.merge(facet, keys, (held, more) -> tells(more) < tells(held) ? more : held);
    }

    /** How little a list of keys tells: the number of them, and most where any text will do. */
    private static int tells(List<Key> keys) {
        return keys.contains(Key.Edge.PRESENT) ? Integer.MAX_VALUE : keys.size();
    }

    private static List<Key> joined(List<Key> some, List<Key> more) {
        List<Key> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }

    private static <A, B> List<B> each(List<A> values, Function<? super A, ? extends B> make) {
        List<B> made = new ArrayList<>(values.size());
        values.forEach(value -> made.add(make.apply(value)));
        return made;
    }
}
