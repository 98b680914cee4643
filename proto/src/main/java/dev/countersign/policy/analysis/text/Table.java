package dev.countersign.policy.analysis.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The transitions of a complete automaton that starts in state 0.
 *
 * @param starts for each state where its runs of characters begin, ascending, the first at 0
 * @param targets for each run the state it leads to
 */
record Table(char[][] starts, int[][] targets, boolean[] accepting) {

    int size() {
        return accepting.length;
    }

    int next(int state, char c) {
        int run = Arrays.binarySearch(starts[state], c);
        return targets[state][run >= 0 ? run : -run - 2];
    }

    /** The last character of a run. */
    char endOf(int state, int run) {
        return run + 1 < starts[state].length ? (char) (starts[state][run + 1] - 1) : '\uffff';
    }

    /** The one automaton with the fewest states for the same strings, in its one numbering. */
    Table minimal() {
        return renumbered(partition());
    }

    /** Splits states until those of one class cannot be told apart by any string. */
    private int[] partition() {
        int[] classOf = new int[size()];
        for (int state = 0; state < size(); state++) {
            classOf[state] = accepting[state] ? 1 : 0;
        }
        int classes = 0;
        while (true) {
            Map<Row, Integer> rows = new HashMap<>();
            int[] refined = new int[size()];
            for (int state = 0; state < size(); state++) {
                Row row = row(state, classOf);
                Integer known = rows.putIfAbsent(row, rows.size());
                refined[state] = known == null ? rows.size() - 1 : known;
            }
            if (rows.size() == classes) {
                return refined;
            }
            classes = rows.size();
            classOf = refined;
        }
    }

    /** A state as its class and its runs, neighbours that lead to the same class joined. */
    private Row row(int state, int[] classOf) {
        int[] out = new int[1 + 2 * starts[state].length];
        out[0] = classOf[state];
        int length = 1;
        for (int run = 0; run < starts[state].length; run++) {
            int to = classOf[targets[state][run]];
            if (length == 1 || out[length - 1] != to) {
                out[length++] = starts[state][run];
                out[length++] = to;
            }
        }
        return new Row(Arrays.copyOf(out, length));
    }

    private Table renumbered(int[] classOf) {
        int[] number = new int[size()];
        Arrays.fill(number, -1);
        List<Integer> members = new ArrayList<>();
        number[classOf[0]] = 0;
        members.add(0);
        Builder builder = new Builder();
        for (int i = 0; i < members.size(); i++) {
            int state = members.get(i);
            builder.begin(accepting[state]);
            for (int run = 0; run < starts[state].length; run++) {
                int target = targets[state][run];
                int group = classOf[target];
                if (number[group] < 0) {
                    number[group] = members.size();
                    members.add(target);
                }
                builder.run(starts[state][run], number[group]);
            }
        }
        return builder.build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Table table
                && Arrays.equals(accepting, table.accepting)
                && Arrays.deepEquals(starts, table.starts)
                && Arrays.deepEquals(targets, table.targets);
    }

    @Override
    public int hashCode() {
        return (Arrays.hashCode(accepting) * 31 + Arrays.deepHashCode(starts)) * 31
                + Arrays.deepHashCode(targets);
    }

    /** A row as a key. */
    private record Row(int[] cells) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Row row && Arrays.equals(cells, row.cells);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(cells);
        }
    }

    /** Collects states in their order, and their runs in ascending order. */
    static final class Builder {
        private final List<char[]> starts = new ArrayList<>();
        private final List<int[]> targets = new ArrayList<>();
        private final List<Boolean> accepting = new ArrayList<>();
        private char[] runStarts = new char[16];
        private int[] runTargets = new int[16];
        private int runs;

        void begin(boolean accepts) {
            end();
            accepting.add(accepts);
        }

        /** Adds a run, or lengthens the one before if both lead to the same state. */
        void run(char start, int target) {
            if (runs > 0 && runTargets[runs - 1] == target) {
                return;
            }
            if (runs == runStarts.length) {
                runStarts = Arrays.copyOf(runStarts, 2 * runs);
                runTargets = Arrays.copyOf(runTargets, 2 * runs);
            }
            runStarts[runs] = start;
            runTargets[runs++] = target;
        }

        Table build() {
            end();
            boolean[] accepts = new boolean[accepting.size()];
            for (int i = 0; i < accepts.length; i++) {
                accepts[i] = accepting.get(i);
            }
            return new Table(starts.toArray(new char[0][]), targets.toArray(new int[0][]), accepts);
        }

        private void end() {
            if (accepting.size() > starts.size()) {
                starts.add(Arrays.copyOf(runStarts, runs));
                targets.add(Arrays.copyOf(runTargets, runs));
            }
            runs = 0;
        }
    }
}
