package dev.countersign.policy;

import dev.countersign.policy.match.AccountPath;
import dev.countersign.policy.match.Glob;
import dev.countersign.policy.match.IpBlock;
import dev.countersign.policy.match.RequestPrincipal;
import dev.countersign.policy.match.StringMatcher;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Ways to break the engine, one at a time: each form of a matcher, each field of a clause, each part of
 * a rule, and each key of the index.
 */
final class Breakages {

    private static final StringMatcher ANYTHING = new StringMatcher.Prefix("");
    private static final StringMatcher NOTHING = new StringMatcher.Never();

    private final Map<String, UnaryOperator<PolicyCompiler>> all = new LinkedHashMap<>();

    private Breakages() {
        texts();
        otherMatchers();
        expressions();
        clauses();
        rules();
        keys();
    }

    /** Every breakage, by what it does. */
    static Map<String, UnaryOperator<PolicyCompiler>> all() {
        return new Breakages().all;
    }

    private void texts() {
        text("exact as prefix", StringMatcher.Exact.class, m -> prefix(m.text()));
        text("exact as suffix", StringMatcher.Exact.class, m -> new StringMatcher.Suffix(m.text()));
        text(
                "exact blind to case",
                StringMatcher.Exact.class,
                m -> new StringMatcher.ExactIgnoringCase(m.text()));
        text("exact as glob", StringMatcher.Exact.class, m -> glob(m.text()));
        text("exact never", StringMatcher.Exact.class, m -> NOTHING);
        text("prefix as exact", StringMatcher.Prefix.class, m -> new StringMatcher.Exact(m.text()));
        text("prefix a letter short", StringMatcher.Prefix.class, m -> prefix(shorter(m.text())));
        text(
                "prefix blind to case",
                StringMatcher.Prefix.class,
                m -> new StringMatcher.PrefixIgnoringCase(m.text()));
        text("suffix as exact", StringMatcher.Suffix.class, m -> new StringMatcher.Exact(m.text()));
        text(
                "suffix a letter short",
                StringMatcher.Suffix.class,
                m -> new StringMatcher.Suffix(m.text().substring(Math.min(1, m.text().length()))));
        text("suffix as glob", StringMatcher.Suffix.class, m -> glob("*" + m.text()));
        text("present even if empty", StringMatcher.Present.class, m -> ANYTHING);
        text("present never", StringMatcher.Present.class, m -> NOTHING);
        text(
                "host by case",
                StringMatcher.ExactIgnoringCase.class,
                m -> new StringMatcher.Exact(m.text()));
        text(
                "host as prefix",
                StringMatcher.ExactIgnoringCase.class,
                m -> new StringMatcher.PrefixIgnoringCase(m.text()));
        text("host prefix by case", StringMatcher.PrefixIgnoringCase.class, m -> prefix(m.text()));
        text(
                "host suffix by case",
                StringMatcher.SuffixIgnoringCase.class,
                m -> new StringMatcher.Suffix(m.text()));
        text(
                "host suffix anywhere",
                StringMatcher.SuffixIgnoringCase.class,
                m -> glob("*" + m.text() + "*"));
        text(
                "template as its prefix",
                StringMatcher.Template.class,
                m -> prefix(m.template().literalPrefix()));
        text("template never", StringMatcher.Template.class, m -> NOTHING);
        text("glob as its head", StringMatcher.Wildcard.class, m -> prefix(m.glob().head()));
        text(
                "namespace pattern open at the end",
                StringMatcher.AccountIn.class,
                m ->
                        m.namespace() instanceof StringMatcher.Wildcard wildcard
                                ? new StringMatcher.AccountIn(
                                        m.prefixes(), glob(wildcard.glob().pattern() + "*"))
                                : m);
        text(
                "trust domain open at the end",
                StringMatcher.TrustDomain.class,
                m ->
                        m.trustDomain() instanceof StringMatcher.Wildcard wildcard
                                ? new StringMatcher.TrustDomain(
                                        glob(wildcard.glob().pattern() + "*"))
                                : m);
        text(
                "account in any namespace",
                StringMatcher.AccountAnywhere.class,
                m -> glob("*/sa/" + m.path().account()));
        text(
                "account by namespace alone",
                StringMatcher.AccountAnywhere.class,
                m -> glob("*/ns/" + m.path().namespace() + "/*"));
        text(
                "account with its dots as any",
                StringMatcher.AccountAnywhere.class,
                m ->
                        glob(
                                "*/ns/"
                                        + m.path().namespace()
                                        + "/sa/"
                                        + m.path().account().replace('.', '*')));
        text(
                "account swapped with its namespace",
                StringMatcher.AccountAnywhere.class,
                m ->
                        new StringMatcher.AccountAnywhere(
                                new AccountPath(
                                        /* namespace= */ m.path().account(),
                                        /* account= */ m.path().namespace())));
        text(
                "only one of several",
                StringMatcher.OneOf.class,
                m ->
                        new StringMatcher.OneOf(
                                Set.of(m.texts().stream().sorted().findFirst().orElse(""))));
        text(
                "anything under a namespace",
                StringMatcher.AccountUnder.class,
                m -> prefix(m.prefixes().getFirst()));
        text(
                "namespace in no alias",
                StringMatcher.AccountUnder.class,
                m -> new StringMatcher.AccountUnder(m.prefixes().subList(0, 1)));
        text(
                "namespace pattern ignored",
                StringMatcher.AccountIn.class,
                m -> new StringMatcher.AccountIn(m.prefixes(), null));
        text(
                "trust domain ignored",
                StringMatcher.TrustDomain.class,
                m -> new StringMatcher.Present());
        text("never always", StringMatcher.Never.class, m -> new StringMatcher.Present());
    }

    private void otherMatchers() {
        matcher(
                "block a bit wider",
                Matcher.Address.class,
                m -> new Matcher.Address(m.which(), blocks(m, -1)));
        matcher(
                "block a bit narrower",
                Matcher.Address.class,
                m -> new Matcher.Address(m.which(), blocks(m, 1)));
        matcher(
                "another address",
                Matcher.Address.class,
                m ->
                        new Matcher.Address(
                                switch (m.which()) {
                                    case SOURCE -> Matcher.Address.Which.REMOTE;
                                    case REMOTE -> Matcher.Address.Which.DESTINATION;
                                    case DESTINATION -> Matcher.Address.Which.SOURCE;
                                },
                                m.any()));
        matcher(
                "port off by one",
                Matcher.Port.class,
                m -> new Matcher.Port(m.any().stream().map(port -> port + 1).toList()));
        matcher("first value only", Matcher.Text.class, m -> text(m, m.any().subList(0, 1)));
        matcher(
                "scope forgotten",
                Matcher.Text.class,
                m -> new Matcher.Text(m.attribute(), m.any(), null));
        matcher(
                "method for path",
                Matcher.Text.class,
                m ->
                        m.attribute() == Attribute.Plain.PATH
                                ? new Matcher.Text(Attribute.Plain.METHOD, m.any(), m.scope())
                                : m);
        matcher(
                "server name for host",
                Matcher.Text.class,
                m ->
                        m.attribute() == Attribute.Plain.SNI
                                ? new Matcher.Text(Attribute.Plain.HOST, m.any(), m.scope())
                                : m);
        matcher(
                "another header",
                Matcher.Text.class,
                m ->
                        m.attribute() instanceof Attribute.Header
                                ? new Matcher.Text(new Attribute.Header("x-other"), m.any(), null)
                                : m);
        claim("claim split always", c -> new Claim(c.path(), true, c.scalars()));
        claim("claim split never", c -> new Claim(c.path(), false, c.scalars()));
        claim("claim's scalars always", c -> new Claim(c.path(), c.split(), true));
        claim("claim's scalars never", c -> new Claim(c.path(), c.split(), false));
        claim(
                "claim at the top",
                c -> new Claim(List.of(c.path().getLast()), c.split(), c.scalars()));
        matcher(
                "issuer for subject",
                Matcher.TokenPrincipal.class,
                m ->
                        new Matcher.TokenPrincipal(
                                m.any().stream()
                                        .map(one ->
                                                new RequestPrincipal(one.subject(), one.issuer()))
                                        .toList()));
        matcher(
                "any subject",
                Matcher.TokenPrincipal.class,
                m ->
                        new Matcher.TokenPrincipal(
                                m.any().stream()
                                        .map(one -> new RequestPrincipal(one.issuer(), ANYTHING))
                                        .toList()));
        matcher(
                "texts for lists",
                Matcher.Metadata.class,
                m -> new Matcher.Metadata(m.key(), /* texts= */ m.items(), /* items= */ m.texts()));
    }

    private void expressions() {
        matcher(
                "fault of an expression turned",
                Matcher.Expression.class,
                m -> new Matcher.Expression(m.program(), m.own(), !m.onFault()));
        matcher(
                "expression of another mesh",
                Matcher.Expression.class,
                m -> new Matcher.Expression(m.program(), List.of("other"), m.onFault()));
    }

    private void clauses() {
        clause("negative turned", c -> with(c, !c.negative(), c.absentPasses()));
        clause("absent passes", c -> with(c, c.negative(), true));
        clause("absent never passes", c -> with(c, c.negative(), false));
    }

    private void rules() {
        rule("sources ignored", r -> new CompiledRule(r.index(), List.of(), r.to(), r.when()));
        rule("operations ignored", r -> new CompiledRule(r.index(), r.from(), List.of(), r.when()));
        rule("conditions ignored", r -> new CompiledRule(r.index(), r.from(), r.to(), List.of()));
        rule(
                "first source only",
                r -> new CompiledRule(r.index(), first(r.from()), r.to(), r.when()));
        rule(
                "first operation only",
                r -> new CompiledRule(r.index(), r.from(), first(r.to()), r.when()));
        rule(
                "first condition only",
                r -> new CompiledRule(r.index(), r.from(), r.to(), first(r.when())));
        rule(
                "first field of a source only",
                r ->
                        new CompiledRule(
                                r.index(),
                                r.from().stream().map(Breakages::first).toList(),
                                r.to(),
                                r.when()));
        rule(
                "first field of an operation only",
                r ->
                        new CompiledRule(
                                r.index(),
                                r.from(),
                                r.to().stream().map(Breakages::first).toList(),
                                r.when()));
        rule("rule misnumbered", r -> new CompiledRule(0, r.from(), r.to(), r.when()));
    }

    /** What the index is told of rules: too little of any of it must show. */
    private void keys() {
        key("port unknown", Facet.Port.class, key -> new Key.OnPort(1));
        key("address unknown", Facet.Address.class, key -> new Key.Block(block("1.2.3.4/32")));
        key("namespace unknown", Facet.Segment.class, key -> new Key.Whole("no"));
        key("claim unknown", Facet.ClaimText.class, key -> new Key.Whole("no"));
        for (Attribute.Plain plain : Attribute.Plain.values()) {
            textKey(plain + " unknown", facet -> facet.attribute() == plain);
        }
        textKey("header unknown", facet -> facet.attribute() instanceof Attribute.Header);
        textKey("token unknown", facet -> facet.attribute() instanceof Attribute.TokenText);
        textKey("suffixes unknown", Facet.Text::fromEnd);
        keyOfText("prefix a letter long", Key.Edge.class, key -> new Key.Edge(key.text() + "b"));
        keyOfText("prefix as a whole", Key.Edge.class, key -> new Key.Whole(key.text()));
        keyOfText(
                "whole a letter short", Key.Whole.class, key -> new Key.Whole(shorter(key.text())));
        cover("first key only", (facet, keys) -> first(keys));
        cover("last key only", (facet, keys) -> keys.isEmpty() ? keys : List.of(keys.getLast()));
    }

    private <T extends StringMatcher> void text(
            String name, Class<T> type, Function<T, StringMatcher> broken) {
        UnaryOperator<StringMatcher> swap =
                one -> type.isInstance(one) ? broken.apply(type.cast(one)) : one;
        all.put(name, onMatchers(matcher -> withTexts(matcher, swap)));
    }

    private <T extends Matcher> void matcher(
            String name, Class<T> type, Function<T, Matcher> broken) {
        all.put(name, onMatchers(one -> type.isInstance(one) ? broken.apply(type.cast(one)) : one));
    }

    private void claim(String name, UnaryOperator<Claim> broken) {
        matcher(
                name,
                Matcher.Claims.class,
                m -> new Matcher.Claims(broken.apply(m.claim()), m.any()));
    }

    private void clause(String name, UnaryOperator<Clause> broken) {
        rule(name, rule -> withClauses(rule, broken));
    }

    private void rule(String name, UnaryOperator<CompiledRule> broken) {
        all.put(
                name,
                c -> new PolicyCompiler(c.mesh(), c.dataPlane(), c.clock(), broken, c.cover()));
    }

    private void cover(String name, CoverBreak broken) {
        Function<CompiledRule, Map<Facet, List<Key>>> cover =
                rule -> {
                    Map<Facet, List<Key>> keys = new HashMap<>(Cover.of(rule));
                    keys.replaceAll(broken::apply);
                    return keys;
                };
        all.put(
                name,
                c -> new PolicyCompiler(c.mesh(), c.dataPlane(), c.clock(), c.finish(), cover));
    }

    private void key(String name, Class<? extends Facet> type, UnaryOperator<Key> broken) {
        cover(name, (facet, keys) -> type.isInstance(facet) ? each(keys, broken) : keys);
    }

    private void textKey(String name, Function<Facet.Text, Boolean> wanted) {
        cover(
                name,
                (facet, keys) ->
                        facet instanceof Facet.Text text && wanted.apply(text)
                                ? each(keys, key -> new Key.Edge("\0"))
                                : keys);
    }

    private <T extends Key> void keyOfText(String name, Class<T> type, Function<T, Key> broken) {
        cover(
                name,
                (facet, keys) ->
                        each(
                                keys,
                                key -> type.isInstance(key) ? broken.apply(type.cast(key)) : key));
    }

    private static UnaryOperator<PolicyCompiler> onMatchers(UnaryOperator<Matcher> broken) {
        UnaryOperator<CompiledRule> finish =
                rule ->
                        withClauses(
                                rule,
                                c ->
                                        new Clause(
                                                c.field(),
                                                c.values(),
                                                c.negative(),
                                                c.absentPasses(),
                                                c.http(),
                                                broken.apply(c.matcher())));
        return c -> new PolicyCompiler(c.mesh(), c.dataPlane(), c.clock(), finish, c.cover());
    }

    private static CompiledRule withClauses(CompiledRule rule, UnaryOperator<Clause> broken) {
        return new CompiledRule(
                rule.index(),
                each(rule.from(), all -> each(all, broken)),
                each(rule.to(), all -> each(all, broken)),
                each(rule.when(), broken));
    }

    private static Clause with(Clause clause, boolean negative, boolean absentPasses) {
        return new Clause(
                clause.field(),
                clause.values(),
                negative,
                absentPasses,
                clause.http(),
                clause.matcher());
    }

    private static Matcher withTexts(Matcher matcher, UnaryOperator<StringMatcher> swap) {
        return switch (matcher) {
            case Matcher.Text text ->
                    new Matcher.Text(text.attribute(), each(text.any(), swap), text.scope());
            case Matcher.Claims claims ->
                    new Matcher.Claims(claims.claim(), each(claims.any(), swap));
            case Matcher.Metadata data ->
                    new Matcher.Metadata(
                            data.key(), each(data.texts(), swap), each(data.items(), swap));
            case Matcher other -> other;
        };
    }

    private static Matcher text(Matcher.Text text, List<StringMatcher> any) {
        return new Matcher.Text(text.attribute(), any, text.scope());
    }

    private static List<IpBlock> blocks(Matcher.Address matcher, int bits) {
        return each(matcher.any(), one -> new IpBlock(one.address(), within(one, bits)));
    }

    private static int within(IpBlock block, int bits) {
        int most = block.address().v4() ? 32 : 128;
        return Math.clamp(block.prefix() + (long) bits, 0, most);
    }

    private static IpBlock block(String text) {
        IpBlock block = IpBlock.parse(text);
        if (block == null) {
            throw new IllegalArgumentException(text);
        }
        return block;
    }

    private static StringMatcher prefix(String text) {
        return new StringMatcher.Prefix(text);
    }

    private static StringMatcher glob(String pattern) {
        return new StringMatcher.Wildcard(Glob.of(pattern));
    }

    private static String shorter(String text) {
        return text.substring(0, Math.max(0, text.length() - 1));
    }

    private static <T> List<T> first(List<T> list) {
        return list.isEmpty() ? list : list.subList(0, 1);
    }

    private static <T> List<T> each(List<T> list, UnaryOperator<T> change) {
        return list.stream().map(change).toList();
    }

    /** Changes the keys of a facet. */
    private interface CoverBreak {
        List<Key> apply(Facet facet, List<Key> keys);
    }
}
