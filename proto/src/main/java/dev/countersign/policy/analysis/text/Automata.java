package dev.countersign.policy.analysis.text;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Makes languages and remembers every automaton and every result. Safe to share between threads;
 * languages of two instances do not mix.
 */
public final class Automata {

    /** Longest text beside a {@code *}; the time to build an automaton grows with its square. */
    public static final int MAX_PATTERN = 2048;

    private static final int MAX_STATES = 100_000;

    private final Map<Table, Automaton> known = new ConcurrentHashMap<>();
    private final Map<Shape, Language> shapes = new ConcurrentHashMap<>();
    private final Map<Question, Automaton> answers = new ConcurrentHashMap<>();
    private final AtomicInteger ids = new AtomicInteger();
    private final Automaton empty = intern(Nfa.tableOf(Shape.NOTHING));
    private final Automaton everything = intern(Nfa.tableOf(Shape.ANY));

    /** No string. */
    public Language nothing() {
        return new Language(empty, new TreeSet<>());
    }

    /** Every string, the empty one included. */
    public Language everything() {
        return new Language(everything, new TreeSet<>());
    }

    /** Exactly these strings. */
    public Language of(Collection<String> texts) {
        return new Language(empty, new TreeSet<>(texts));
    }

    /**
     * The strings of this shape.
     *
     * @throws TooLarge if the shape spells out more than {@link #MAX_PATTERN} characters
     */
    public Language of(Shape shape) {
        if (shape instanceof Shape.Literal literal) {
            return of(List.of(literal.text()));
        }
        Language language = shapes.get(shape);
        if (language == null) {
            if (lengthOf(shape) > MAX_PATTERN) {
                throw new TooLarge("a pattern of " + lengthOf(shape) + " characters");
            }
            language = Language.normalized(intern(Nfa.tableOf(shape)), new TreeSet<>());
            shapes.put(shape, language);
        }
        return language;
    }

    Automaton empty() {
        return empty;
    }

    Automaton everyWord() {
        return everything;
    }

    /** The automaton of few strings. */
    Automaton finite(Collection<String> texts) {
        return intern(
                Nfa.tableOf(
                        new Shape.Choice(texts.stream().<Shape>map(Shape.Literal::new).toList())));
    }

    Automaton combine(SetOperation operation, Automaton a, Automaton b) {
        Automaton simple = simple(operation, a, b);
        if (simple != null) {
            return simple;
        }
        boolean swap = operation.symmetric() && a.id > b.id;
        Question question = new Question(operation, swap ? b.id : a.id, swap ? a.id : b.id);
        Automaton answer = answers.get(question);
        if (answer == null) {
            answer = intern(product(operation, a.table(), b.table()).minimal());
            answers.put(question, answer);
        }
        return answer;
    }

    private @Nullable Automaton simple(SetOperation operation, Automaton a, Automaton b) {
        return switch (operation) {
            case AND ->
                    a == b || b == everything || a == empty
                            ? a
                            : (a == everything || b == empty ? b : null);
            case OR ->
                    a == b || b == empty || a == everything
                            ? a
                            : (a == empty || b == everything ? b : null);
            case MINUS -> a == b || b == everything ? empty : (b == empty ? a : null);
            case XOR -> a == b ? empty : (b == empty ? a : (a == empty ? b : null));
        };
    }

    private Automaton intern(Table table) {
        return known.computeIfAbsent(table, one -> new Automaton(this, ids.getAndIncrement(), one));
    }

    private static int lengthOf(Shape shape) {
        return switch (shape) {
            case Shape.Literal literal -> literal.text().length();
            case Shape.FoldedLiteral literal -> literal.text().length();
            case Shape.OneOf set -> 0;
            case Shape.Sequence parts -> parts.parts().stream().mapToInt(Automata::lengthOf).sum();
            case Shape.Choice parts -> parts.options().stream().mapToInt(Automata::lengthOf).sum();
            case Shape.Repeated repeated -> lengthOf(repeated.part());
        };
    }

    private static Table product(SetOperation operation, Table a, Table b) {
        Map<Long, Integer> numbers = new HashMap<>();
        List<Long> pairs = new ArrayList<>();
        numbers.put(0L, 0);
        pairs.add(0L);
        Table.Builder builder = new Table.Builder();
        for (int i = 0; i < pairs.size(); i++) {
            int left = (int) (pairs.get(i) >>> 32);
            int right = (int) (long) pairs.get(i);
            builder.begin(operation.of(a.accepting()[left], b.accepting()[right]));
            char[] leftStarts = a.starts()[left];
            char[] rightStarts = b.starts()[right];
            int l = 0;
            int r = 0;
            while (true) {
                char start = (char) Math.max(leftStarts[l], rightStarts[r]);
                long pair = (long) a.targets()[left][l] << 32 | b.targets()[right][r];
                Integer number = numbers.get(pair);
                if (number == null) {
                    number = pairs.size();
                    if (number == MAX_STATES) {
                        throw new TooLarge("patterns that need " + MAX_STATES + " states together");
                    }
                    numbers.put(pair, number);
                    pairs.add(pair);
                }
                builder.run(start, number);
                int leftNext = l + 1 < leftStarts.length ? leftStarts[l + 1] : 1 << 16;
                int rightNext = r + 1 < rightStarts.length ? rightStarts[r + 1] : 1 << 16;
                if (leftNext == 1 << 16 && rightNext == 1 << 16) {
                    break;
                }
                l += leftNext <= rightNext ? 1 : 0;
                r += rightNext <= leftNext ? 1 : 0;
            }
        }
        return builder.build();
    }

    private record Question(SetOperation operation, int a, int b) {}
}
