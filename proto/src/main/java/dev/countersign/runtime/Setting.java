package dev.countersign.runtime;

import java.util.Optional;
import java.util.function.Predicate;

/**
 * One value on its way from text to type. A value that is wrong is reported and replaced by a
 * placeholder, so that reading goes on and every problem is found at once; {@link
 * ConfigReader#finish} makes sure that a placeholder is never used.
 */
public final class Setting<T> {
    private final ConfigReader reader;
    private final String path;
    private final Optional<T> value;
    private final T placeholder;
    private final boolean broken;

    Setting(ConfigReader reader, String path, Optional<T> value, T placeholder, boolean broken) {
        this.reader = reader;
        this.path = path;
        this.value = value;
        this.placeholder = placeholder;
        this.broken = broken;
    }

    /** Narrows what is right. */
    public Setting<T> check(Predicate<T> right, String expectation) {
        if (value.isPresent() && !right.test(value.get())) {
            reader.problem(path, reader.shown(path, value.get()), expectation);
            return new Setting<>(reader, path, Optional.empty(), placeholder, true);
        }
        return this;
    }

    public T orDefault(T standard) {
        T effective = value.orElse(standard);
        reader.effective(path, effective);
        return effective;
    }

    public Optional<T> optional() {
        value.ifPresent(given -> reader.effective(path, given));
        return value;
    }

    /** A missing value is a problem. */
    public T required() {
        if (value.isEmpty() && !broken) {
            reader.problem(path, "missing", "a value");
        }
        value.ifPresent(given -> reader.effective(path, given));
        return value.orElse(placeholder);
    }
}
