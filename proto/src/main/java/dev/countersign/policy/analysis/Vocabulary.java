package dev.countersign.policy.analysis;

import dev.countersign.policy.analysis.region.Dimension;
import dev.countersign.policy.analysis.text.Language;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The words that policies use for sets of texts, so that results are told in the same words. */
final class Vocabulary {

    private final SortedMap<Dimension, SortedMap<String, Language>> words =
            new TreeMap<>(Dimension.ORDER);

    /** Adds a word; the same word twice means what both mean. */
    void add(Dimension dimension, String word, Language meaning) {
        words.computeIfAbsent(dimension, key -> new TreeMap<>()).merge(word, meaning, Language::or);
    }

    void addAll(Vocabulary other) {
        other.words.forEach(
                (dimension, own) -> own.forEach((word, meaning) -> add(dimension, word, meaning)));
    }

    /** The words for this dimension, in their order. */
    Map<String, Language> words(Dimension dimension) {
        return words.getOrDefault(dimension, new TreeMap<>());
    }
}
