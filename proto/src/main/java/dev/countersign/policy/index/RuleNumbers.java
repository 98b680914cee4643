package dev.countersign.policy.index;

import java.util.Arrays;

/** A growing list of rule numbers, without repetition because they come in ascending order. */
public final class RuleNumbers {

    private int[] numbers = new int[2];
    private int size;

    /**
     * Adds a rule.
     *
     * @throws IllegalArgumentException if a later rule was added before
     */
    public void add(int rule) {
        int last = size == 0 ? -1 : numbers[size - 1];
        if (rule < last) {
            throw new IllegalArgumentException("rule: " + rule + " (expected: >= " + last + ")");
        }
        if (rule == last) {
            return;
        }
        if (size == numbers.length) {
            numbers = Arrays.copyOf(numbers, size * 2);
        }
        numbers[size++] = rule;
    }

    public int size() {
        return size;
    }

    /** How many 64-bit words of a bitmap the rules fall into. */
    int words() {
        int words = 0;
        for (int i = 0; i < size; i++) {
            words += i == 0 || numbers[i] >>> 6 != numbers[i - 1] >>> 6 ? 1 : 0;
        }
        return words;
    }

    int get(int index) {
        return numbers[index];
    }

    /** Every rule below {@code limit} that is not in this list. */
    public RuleNumbers complement(int limit) {
        RuleNumbers others = new RuleNumbers();
        int at = 0;
        for (int rule = 0; rule < limit; rule++) {
            if (at < size && numbers[at] == rule) {
                at++;
            } else {
                others.add(rule);
            }
        }
        return others;
    }

    /** Every rule below {@code limit}. */
    public static RuleNumbers upTo(int limit) {
        return new RuleNumbers().complement(limit);
    }
}
