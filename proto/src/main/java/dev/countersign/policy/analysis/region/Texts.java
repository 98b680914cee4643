package dev.countersign.policy.analysis.region;

import dev.countersign.policy.analysis.text.Language;
import org.jspecify.annotations.Nullable;

/**
 * Texts.
 *
 * @param absent whether a request without the text belongs to it
 */
public record Texts(boolean absent, Language present) implements ValueSet {

    /** Whether the value, null for absent, belongs to it. */
    public boolean contains(@Nullable String value) {
        return value == null ? absent : present.contains(value);
    }

    @Override
    public Texts and(ValueSet other) {
        Texts texts = (Texts) other;
        return new Texts(absent && texts.absent, present.and(texts.present));
    }

    @Override
    public Texts or(ValueSet other) {
        Texts texts = (Texts) other;
        return new Texts(absent || texts.absent, present.or(texts.present));
    }

    @Override
    public Texts minus(ValueSet other) {
        Texts texts = (Texts) other;
        return new Texts(absent && !texts.absent, present.minus(texts.present));
    }

    @Override
    public boolean overlaps(ValueSet other) {
        Texts texts = (Texts) other;
        return (absent && texts.absent) || present.overlaps(texts.present);
    }

    @Override
    public boolean isWithin(ValueSet other) {
        Texts texts = (Texts) other;
        return (!absent || texts.absent) && present.isWithin(texts.present);
    }

    @Override
    public boolean isEmpty() {
        return !absent && present.isEmpty();
    }

    @Override
    public boolean isEverything() {
        return absent && present.isEverything();
    }
}
