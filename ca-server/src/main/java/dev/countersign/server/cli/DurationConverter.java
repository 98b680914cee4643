package dev.countersign.server.cli;

import dev.countersign.runtime.Durations;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations as the configuration writes them: {@code 90s}, {@code 8h}, {@code 1h30m}. */
public final class DurationConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
        return Durations.parse(text)
                .orElseThrow(() ->
                        new TypeConversionException(
                                "\"" + text + "\" (expected: a duration such as 90s, 8h, 1h30m)"));
    }
}
