package dev.countersign.policy.analysis.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A minimal automaton of one {@link Automata}; the same object for the same set of strings. */
final class Automaton {

    /** A set of no more strings than this is held as a list of them. */
    static final int FEW = 64;

    /** In a witness characters that are met in identities and paths come first. */
    private static final String PREFERRED =
            "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-._~/:@!$&'()*+,;=%";

    final Automata home;
    final int id;
    private final Table table;
    private final @Nullable List<String> words;
    private final @Nullable List<String> missing;

    Automaton(Automata home, int id, Table table) {
        this.home = home;
        this.id = id;
        this.table = table;
        this.words = few(true);
        this.missing = few(false);
    }

    Table table() {
        return table;
    }

    boolean matches(String text) {
        int state = 0;
        for (int i = 0; i < text.length(); i++) {
            state = table.next(state, text.charAt(i));
        }
        return table.accepting()[state];
    }

    boolean isEmpty() {
        return table.size() == 1 && !table.accepting()[0];
    }

    boolean isEverything() {
        return table.size() == 1 && table.accepting()[0];
    }

    /** All strings, if there are at most {@link #FEW}; null if there are more. */
    @Nullable List<String> words() {
        return words;
    }

    /** All strings that it does not accept, if there are at most {@link #FEW}; else null. */
    @Nullable List<String> missing() {
        return missing;
    }

    /** A shortest string, or null where there is none. */
    @Nullable String shortest() {
        int[] cameFrom = new int[table.size()];
        char[] by = new char[table.size()];
        Arrays.fill(cameFrom, -1);
        List<Integer> queue = new ArrayList<>(List.of(0));
        for (int i = 0; i < queue.size(); i++) {
            int state = queue.get(i);
            if (table.accepting()[state]) {
                return spelled(state, cameFrom, by);
            }
            for (int run : runsByPreference(state)) {
                int target = table.targets()[state][run];
                if (target != 0 && cameFrom[target] < 0) {
                    cameFrom[target] = state;
                    by[target] = preferred(state, run);
                    queue.add(target);
                }
            }
        }
        return null;
    }

    private static String spelled(int end, int[] cameFrom, char[] by) {
        StringBuilder text = new StringBuilder();
        for (int state = end; state != 0; state = cameFrom[state]) {
            text.append(by[state]);
        }
        return text.reverse().toString();
    }

    private List<Integer> runsByPreference(int state) {
        List<Integer> runs = new ArrayList<>();
        for (int run = 0; run < table.starts()[state].length; run++) {
            runs.add(run);
        }
        runs.sort((a, b) -> Integer.compare(rank(preferred(state, a)), rank(preferred(state, b))));
        return runs;
    }

    private char preferred(int state, int run) {
        char from = table.starts()[state][run];
        char to = table.endOf(state, run);
        for (int i = 0; i < PREFERRED.length(); i++) {
            char c = PREFERRED.charAt(i);
            if (from <= c && c <= to) {
                return c;
            }
        }
        return from <= ' ' && ' ' <= to ? ' ' : from;
    }

    private static int rank(char c) {
        int place = PREFERRED.indexOf(c);
        return place < 0 ? PREFERRED.length() + c : place;
    }

    private @Nullable List<String> few(boolean accepted) {
        List<String> found = new ArrayList<>();
        return collect(0, accepted, new StringBuilder(), found) ? List.copyOf(found) : null;
    }

    /** False once there are too many; in a minimal automaton all states but one lead to a string. */
    private boolean collect(int state, boolean accepted, StringBuilder prefix, List<String> found) {
        if (prefix.length() > table.size()) {
            return false; // a loop was walked
        }
        if (table.accepting()[state] == accepted) {
            found.add(prefix.toString());
        }
        if (found.size() > FEW) {
            return false;
        }
        for (int run = 0; run < table.starts()[state].length; run++) {
            int target = table.targets()[state][run];
            if (neverEnds(target, accepted)) {
                continue;
            }
            char from = table.starts()[state][run];
            char to = table.endOf(state, run);
            if (to - from >= FEW) {
                return false;
            }
            for (int c = from; c <= to; c++) {
                prefix.append((char) c);
                boolean few = collect(target, accepted, prefix, found);
                prefix.setLength(prefix.length() - 1);
                if (!few) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean neverEnds(int state, boolean accepted) {
        return table.accepting()[state] != accepted
                && table.targets()[state].length == 1
                && table.targets()[state][0] == state;
    }
}
