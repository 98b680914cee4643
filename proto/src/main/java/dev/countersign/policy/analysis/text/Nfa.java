package dev.countersign.policy.analysis.text;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** Builds an automaton from a shape: first one that guesses, then the sets of its states. */
final class Nfa {

    /** Room for one written value; a path template or a prefix has far fewer. */
    private static final int MAX_STATES = 20_000;

    private final List<List<Edge>> edges = new ArrayList<>();
    private final List<List<Integer>> silent = new ArrayList<>();

    private Nfa() {}

    static Table tableOf(Shape shape) {
        Nfa nfa = new Nfa();
        int start = nfa.state();
        int end = nfa.add(shape, start);
        return nfa.determined(start, end).minimal();
    }

    private int state() {
        if (edges.size() == MAX_STATES) {
            throw new TooLarge("a pattern of more than " + MAX_STATES + " characters");
        }
        edges.add(new ArrayList<>());
        silent.add(new ArrayList<>());
        return edges.size() - 1;
    }

    /** Adds what reads the shape from a state; the state that follows it. */
    private int add(Shape shape, int from) {
        return switch (shape) {
            case Shape.Literal literal -> addText(literal.text(), false, from);
            case Shape.FoldedLiteral literal -> addText(literal.text(), true, from);
            case Shape.OneOf set -> addSet(set, from);
            case Shape.Sequence sequence -> {
                int at = from;
                for (Shape part : sequence.parts()) {
                    at = add(part, at);
                }
                yield at;
            }
            case Shape.Choice choice -> {
                int end = state();
                for (Shape option : choice.options()) {
                    silent.get(add(option, from)).add(end);
                }
                yield end;
            }
            case Shape.Repeated repeated -> {
                int loop = state();
                silent.get(from).add(loop);
                silent.get(add(repeated.part(), loop)).add(loop);
                int end = state();
                silent.get(loop).add(end);
                yield end;
            }
        };
    }

    private int addText(String text, boolean folded, int from) {
        int at = from;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int next = state();
            edges.get(at).add(new Edge(c, c, next));
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (folded && letter) {
                char other = (char) (c ^ 0x20);
                edges.get(at).add(new Edge(other, other, next));
            }
            at = next;
        }
        return at;
    }

    private int addSet(Shape.OneOf set, int from) {
        int next = state();
        set.spans().forEach(span -> edges.get(from).add(new Edge(span.from(), span.to(), next)));
        return next;
    }

    private Table determined(int start, int end) {
        Map<BitSet, Integer> numbers = new HashMap<>();
        Deque<BitSet> open = new ArrayDeque<>();
        BitSet first = new BitSet();
        reach(start, first);
        numbers.put(first, 0);
        open.add(first);
        Table.Builder builder = new Table.Builder();
        while (!open.isEmpty()) {
            BitSet states = open.remove();
            builder.begin(states.get(end));
            for (int point : breakpoints(states)) {
                BitSet next = step(states, (char) point);
                Integer number = numbers.get(next);
                if (number == null) {
                    number = numbers.size();
                    numbers.put(next, number);
                    open.add(next);
                }
                builder.run((char) point, number);
            }
        }
        return builder.build();
    }

    /** Where characters begin that may lead elsewhere than those before. */
    private SortedSet<Integer> breakpoints(BitSet states) {
        SortedSet<Integer> points = new TreeSet<>();
        points.add(0);
        for (int state = states.nextSetBit(0); state >= 0; state = states.nextSetBit(state + 1)) {
            for (Edge edge : edges.get(state)) {
                points.add((int) edge.from());
                if (edge.to() < '\uffff') {
                    points.add(edge.to() + 1);
                }
            }
        }
        return points;
    }

    private BitSet step(BitSet states, char c) {
        BitSet next = new BitSet();
        for (int state = states.nextSetBit(0); state >= 0; state = states.nextSetBit(state + 1)) {
            for (Edge edge : edges.get(state)) {
                if (edge.from() <= c && c <= edge.to()) {
                    reach(edge.target(), next);
                }
            }
        }
        return next;
    }

    private void reach(int state, BitSet into) {
        if (!into.get(state)) {
            into.set(state);
            silent.get(state).forEach(next -> reach(next, into));
        }
    }

    private record Edge(char from, char to, int target) {}
}
