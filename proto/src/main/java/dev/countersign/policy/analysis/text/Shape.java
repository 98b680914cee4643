package dev.countersign.policy.analysis.text;

import java.util.ArrayList;
import java.util.List;

/** What the strings of a set look like. Values: equal shapes are equal. */
public sealed interface Shape {

    /** Any text, the empty one included. */
    Shape ANY = new Repeated(new OneOf(List.of(new Span('\0', '\uffff'))));

    /** Any text but the empty one. */
    Shape SOME = sequence(oneOf(new Span('\0', '\uffff')), ANY);

    /** No text at all, not even the empty one. */
    Shape NOTHING = new Choice(List.of());

    /** Exactly this text. */
    record Literal(String text) implements Shape {}

    /** This text, blind to the case of ASCII letters. */
    record FoldedLiteral(String text) implements Shape {}

    /** One character of these spans. */
    record OneOf(List<Span> spans) implements Shape {
        public OneOf {
            spans = List.copyOf(spans);
        }
    }

    /** One after the other. */
    record Sequence(List<Shape> parts) implements Shape {
        public Sequence {
            parts = List.copyOf(parts);
        }
    }

    /** Any of them. */
    record Choice(List<Shape> options) implements Shape {
        public Choice {
            options = List.copyOf(options);
        }
    }

    /** Zero or more times. */
    record Repeated(Shape part) implements Shape {}

    /** Characters from one to another, both included. */
    record Span(char from, char to) {}

    static Shape literal(String text) {
        return new Literal(text);
    }

    static Shape sequence(Shape... parts) {
        return new Sequence(List.of(parts));
    }

    static Shape choice(Shape... options) {
        return new Choice(List.of(options));
    }

    static Shape oneOf(Span... spans) {
        return new OneOf(List.of(spans));
    }

    /** One or more times. */
    static Shape oneOrMore(Shape part) {
        return sequence(part, new Repeated(part));
    }

    /** Letters and digits of ASCII, and these characters. */
    static Shape alphanumericOr(String punctuation) {
        List<Span> spans = new ArrayList<>();
        spans.add(new Span('a', 'z'));
        spans.add(new Span('A', 'Z'));
        spans.add(new Span('0', '9'));
        for (int i = 0; i < punctuation.length(); i++) {
            spans.add(new Span(punctuation.charAt(i), punctuation.charAt(i)));
        }
        return new OneOf(spans);
    }

    /** Any character but this one. */
    static Shape not(char excluded) {
        return oneOf(
                new Span('\0', (char) (excluded - 1)), new Span((char) (excluded + 1), '\uffff'));
    }

    /** Literals with any text where a {@code *} stands. */
    static Shape glob(String pattern) {
        List<Shape> parts = new ArrayList<>();
        int from = 0;
        for (int star = pattern.indexOf('*'); star >= 0; star = pattern.indexOf('*', from)) {
            parts.add(literal(pattern.substring(from, star)));
            parts.add(ANY);
            from = star + 1;
        }
        parts.add(literal(pattern.substring(from)));
        return new Sequence(parts);
    }
}
