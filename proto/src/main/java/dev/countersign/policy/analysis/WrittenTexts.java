package dev.countersign.policy.analysis;

import dev.countersign.policy.analysis.text.Automata;
import dev.countersign.policy.analysis.text.Language;
import dev.countersign.policy.analysis.text.Shape;
import dev.countersign.policy.match.PathTemplate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The set of texts that a written value stands for, field by field. */
final class WrittenTexts {

    private static final String SCHEME = "spiffe://";
    private static final Shape TEMPLATE_CHARACTER = Shape.alphanumericOr("-._~%!$&'()+,;:@=");
    private static final Shape ONE_SEGMENT = Shape.oneOrMore(TEMPLATE_CHARACTER);
    private static final Shape ANY_SEGMENTS =
            new Shape.Repeated(Shape.alphanumericOr("-._~%!$&'()+,;:@=/"));
    private static final Shape SEGMENT = Shape.oneOrMore(Shape.not('/'));

    private final Automata automata;

    WrittenTexts(Automata automata) {
        this.automata = automata;
    }

    /** Exact, {@code prefix*}, {@code *suffix} or {@code *}. */
    Language text(String value) {
        return automata.of(form(value, false));
    }

    /** As {@link #text}, blind to the case of ASCII letters. */
    Language host(String value) {
        return automata.of(form(value, true));
    }

    /**
     * A path or a path template.
     *
     * @throws IllegalArgumentException if it is a template with a fault
     */
    Language path(String value) {
        if (!PathTemplate.isTemplate(value)) {
            return text(value);
        }
        String fault = PathTemplate.fault(value);
        if (fault != null) {
            throw new IllegalArgumentException(value + ": " + fault);
        }
        return automata.of(template(value));
    }

    /** An identity without its scheme; one written with it asks for the scheme twice. */
    Language principal(String value) {
        return value.startsWith(SCHEME) ? automata.nothing() : text(value);
    }

    Language namespaceAnywhere(String value) {
        return automata.of(Shape.glob("*/ns/" + value + "/*"));
    }

    /** Service accounts of a namespace of these trust domains; a {@code *} is any text. */
    Language namespaceIn(List<String> trustDomains, String value) {
        Language all = automata.nothing();
        for (String domain : trustDomains) {
            Shape start = Shape.literal(domain + "/ns/");
            Shape end = Shape.sequence(Shape.literal("/sa/"), SEGMENT);
            Language one =
                    value.indexOf('*') < 0
                            ? automata.of(Shape.sequence(start, Shape.literal(value), end))
                            : automata.of(Shape.sequence(start, Shape.glob(value), end))
                                    .and(automata.of(Shape.sequence(start, SEGMENT, end)));
            all = all.or(one);
        }
        return all;
    }

    /** Every service account of these trust domains. */
    Language accountsIn(List<String> trustDomains) {
        return namespaceIn(trustDomains, "*");
    }

    Language accountAnywhere(String namespace, String account) {
        Shape before = Shape.sequence(Shape.SOME, Shape.literal("/ns/" + namespace + "/"));
        Shape between =
                Shape.choice(Shape.literal(""), Shape.sequence(Shape.SOME, Shape.literal("/")));
        Shape after =
                Shape.choice(Shape.literal(""), Shape.sequence(Shape.literal("/"), Shape.SOME));
        return automata.of(Shape.sequence(before, between, Shape.literal("sa/" + account), after));
    }

    Language accountIn(List<String> trustDomains, String namespace, String account) {
        return automata.of(
                trustDomains.stream()
                        .map(domain -> domain + "/ns/" + namespace + "/sa/" + account)
                        .toList());
    }

    Language trustDomain(String value) {
        if (value.equals("*")) {
            return automata.of(Shape.SOME);
        }
        Shape rest = Shape.sequence(Shape.literal("/"), Shape.ANY);
        if (value.indexOf('*') < 0) {
            return automata.of(Shape.sequence(Shape.literal(value), rest));
        }
        int star = value.indexOf('*');
        return automata.of(
                Shape.sequence(
                        Shape.literal(value.substring(0, star)),
                        new Shape.Repeated(Shape.not('/')),
                        Shape.literal(value.substring(star + 1)),
                        rest));
    }

    private static Shape form(String value, boolean folded) {
        if (value.equals("*")) {
            return Shape.SOME;
        }
        if (value.startsWith("*")) {
            return Shape.sequence(Shape.ANY, literal(value.substring(1), folded));
        }
        return value.endsWith("*")
                ? Shape.sequence(literal(value.substring(0, value.length() - 1), folded), Shape.ANY)
                : literal(value, folded);
    }

    private static Shape literal(String text, boolean folded) {
        return folded ? new Shape.FoldedLiteral(text) : Shape.literal(text);
    }

    private static Shape template(String value) {
        List<Shape> parts = new ArrayList<>();
        int at = 0;
        while (at < value.length()) {
            Shape operator = operatorAt(value, at);
            if (operator == null) {
                int next = nextOperator(value, at);
                parts.add(Shape.literal(value.substring(at, next)));
                at = next;
            } else {
                parts.add(operator);
                at = value.indexOf('}', at) + 1;
            }
        }
        return new Shape.Sequence(parts);
    }

    private static @Nullable Shape operatorAt(String value, int at) {
        if (value.startsWith(PathTemplate.ONE, at)) {
            return ONE_SEGMENT;
        }
        return value.startsWith(PathTemplate.ANY, at) ? ANY_SEGMENTS : null;
    }

    private static int nextOperator(String value, int from) {
        int brace = value.indexOf('{', from);
        return brace < 0 ? value.length() : brace;
    }
}
