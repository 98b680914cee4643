package dev.countersign.policy.index;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rules by the segment that follows a marker, such as the namespace in {@code td/ns/shop/sa/web},
 * found without cutting the text.
 *
 * <p>Where the marker stands more than once any of the segments may be meant, and every rule is
 * proposed.
 */
public final class SegmentIndex {

    private final String marker;
    private final @Nullable String[] keys;
    private final @Nullable Postings[] found;
    private final Postings others;
    private final Postings all;

    /**
     * @param marker begins and ends with a slash
     * @param bySegment the rules that ask for a segment, which holds no slash
     * @param others the rules that do not
     * @param limit above every rule number
     */
    public SegmentIndex(
            String marker, Map<String, RuleNumbers> bySegment, Postings others, int limit) {
        this.marker = marker;
        this.others = others;
        this.all = Postings.of(RuleNumbers.upTo(limit), limit, null);
        int slots = Integer.highestOneBit(Math.max(1, bySegment.size())) * 4;
        this.keys = new String[slots];
        this.found = new Postings[slots];
        bySegment.forEach((segment, rules) -> {
            int slot = freeSlot(segment);
            keys[slot] = segment;
            found[slot] = Postings.of(rules, limit, others);
        });
    }

    /** The rules that could match a text. */
    public Postings find(@Nullable String text) {
        int at = text == null ? -1 : text.indexOf(marker);
        if (text == null || at < 0) {
            return others;
        }
        if (text.indexOf(marker, at + 1) >= 0) {
            return all;
        }
        int start = at + marker.length();
        int slash = text.indexOf('/', start);
        return find(text, start, slash < 0 ? text.length() : slash);
    }

    private Postings find(String text, int start, int end) {
        int hash = 0;
        for (int i = start; i < end; i++) {
            hash = 31 * hash + text.charAt(i);
        }
        int slot = slotOf(hash);
        while (true) {
            String key = keys[slot];
            Postings rules = found[slot];
            if (key == null || rules == null) {
                return others;
            }
            if (key.length() == end - start && text.startsWith(key, start)) {
                return rules;
            }
            slot = (slot + 1) & (keys.length - 1);
        }
    }

    private int freeSlot(String segment) {
        int slot = slotOf(segment.hashCode());
        while (keys[slot] != null) {
            slot = (slot + 1) & (keys.length - 1);
        }
        return slot;
    }

    /** The hash is {@link String#hashCode}'s, whose high bits say most. */
    private int slotOf(int hash) {
        return (hash ^ hash >>> 16) & (keys.length - 1);
    }
}
