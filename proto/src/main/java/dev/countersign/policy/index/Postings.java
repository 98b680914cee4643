package dev.countersign.policy.index;

import org.jspecify.annotations.Nullable;

/**
 * A set of rules, and optionally a further set that counts as part of it: what holds for a path holds
 * together with what holds for its prefix and with what asks for no path at all. Sharing the rest
 * keeps the sets of many keys small.
 *
 * <p>A bitmap of 64-bit words of which only those that are not zero are kept; one summary bit says
 * whether a word is. 64 words, 4 096 rules, share a summary.
 */
public final class Postings {

    /** How many rules a word tells apart. */
    public static final int RULES_PER_WORD = 64;

    private static final int WORDS_PER_SUMMARY = 64;
    private static final int RULES_PER_SUMMARY = RULES_PER_WORD * WORDS_PER_SUMMARY;

    private final long[] summaries;

    /** For each summary, where its words start. */
    private final int[] starts;

    private final long[] words;
    private final @Nullable Postings rest;

    /** The rest included: an index of few rules asks for nothing else. */
    private final long firstWord;

    private Postings(long[] summaries, int[] starts, long[] words, @Nullable Postings rest) {
        this.summaries = summaries;
        this.starts = starts;
        this.words = words;
        this.rest = rest;
        this.firstWord = summaries.length == 0 ? 0 : word(0);
    }

    /**
     * The set of these rules, and those of the rest.
     *
     * @param limit above every rule number of this index
     */
    public static Postings of(RuleNumbers rules, int limit, @Nullable Postings rest) {
        long[] summaries = new long[summariesFor(limit)];
        long[] words = new long[rules.words()];
        int kept = 0;
        int last = -1;
        for (int i = 0; i < rules.size(); i++) {
            int word = rules.get(i) >>> 6;
            kept += word == last ? 0 : 1;
            last = word;
            summaries[word / WORDS_PER_SUMMARY] |= 1L << word;
            words[kept - 1] |= 1L << rules.get(i);
        }
        return new Postings(summaries, startsOf(summaries), words, rest);
    }

    /** The same rules in one set without a rest. */
    Postings flattened(int limit) {
        RuleNumbers all = new RuleNumbers();
        for (int word = 0; word < summaries.length * WORDS_PER_SUMMARY; word++) {
            for (long left = word(word); left != 0; left &= left - 1) {
                all.add(word << 6 | Long.numberOfTrailingZeros(left));
            }
        }
        return of(all, limit, null);
    }

    /** How many summaries a set of rules below {@code limit} has. */
    public static int summariesFor(int limit) {
        return (limit + RULES_PER_SUMMARY - 1) / RULES_PER_SUMMARY;
    }

    /** Which of the 64 words from {@code 64 * index} hold a rule. */
    public long summary(int index) {
        long bits = summaries[index];
        for (Postings more = rest; more != null; more = more.rest) {
            bits |= more.summaries[index];
        }
        return bits;
    }

    /** Which of the 64 rules from {@code 64 * index} are in the set. */
    public long word(int index) {
        long bits = own(index);
        for (Postings more = rest; more != null; more = more.rest) {
            bits |= more.own(index);
        }
        return bits;
    }

    /** As {@link #word} of 0, without looking for it. */
    public long firstWord() {
        return firstWord;
    }

    private long own(int index) {
        long summary = summaries[index >>> 6];
        long bit = 1L << index;
        return (summary & bit) == 0
                ? 0
                : words[starts[index >>> 6] + Long.bitCount(summary & (bit - 1))];
    }

    private static int[] startsOf(long[] summaries) {
        int[] starts = new int[summaries.length];
        for (int i = 1; i < summaries.length; i++) {
            starts[i] = starts[i - 1] + Long.bitCount(summaries[i - 1]);
        }
        return starts;
    }
}
