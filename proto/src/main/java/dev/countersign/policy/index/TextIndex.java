package dev.countersign.policy.index;

import dev.countersign.policy.match.Ascii;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rules by a text: whole values in a hash table, prefixes (or suffixes) in a tree. */
public final class TextIndex {

    private final Map<String, Postings> exact;
    private final PrefixTree prefixes;
    private final Postings others;

    /**
     * @param byText the rules that ask for a whole text, to the letter
     * @param byPrefix the rules that ask how a text begins, in the order of reading: how it ends,
     *     when read from the end
     * @param others the rules that do neither
     * @param limit above every rule number
     */
    public TextIndex(
            Reading reading,
            Map<String, RuleNumbers> byText,
            Map<String, RuleNumbers> byPrefix,
            Postings others,
            int limit) {
        this.others = others;
        this.prefixes = new PrefixTree(reading, byPrefix, others, limit);
        this.exact = HashMap.newHashMap(byText.size());
        byText.forEach(
                (text, rules) -> exact.put(text, Postings.of(rules, limit, prefixes.find(text))));
    }

    /** The rules that could match a text; null: it is absent. */
    public Postings find(@Nullable String text) {
        if (text == null) {
            return others;
        }
        Postings found = exact.get(text);
        return found == null ? prefixes.find(text) : found;
    }

    /** From which side a text is read, and whether the case of ASCII letters counts. */
    public enum Reading {
        FROM_START,
        FROM_END,
        FROM_START_FOLDED,
        FROM_END_FOLDED;

        char at(String text, int index) {
            return switch (this) {
                case FROM_START -> text.charAt(index);
                case FROM_END -> text.charAt(text.length() - 1 - index);
                case FROM_START_FOLDED -> Ascii.fold(text.charAt(index));
                case FROM_END_FOLDED -> Ascii.fold(text.charAt(text.length() - 1 - index));
            };
        }
    }
}
