package dev.countersign.server.authority.rotation;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Names and values of a stored state: one line each, sorted, read strictly. */
final class Fields {
    private static final int MAX_LENGTH = 256 * 1024;

    private final Map<String, String> values;

    private Fields(Map<String, String> values) {
        this.values = values;
    }

    static Fields empty() {
        return new Fields(new TreeMap<>());
    }

    static Fields parse(String text) throws BadRotationText {
        if (text.length() > MAX_LENGTH) {
            throw new BadRotationText(
                    text.length() + " characters (expected: <= " + MAX_LENGTH + ")");
        }
        Map<String, String> values = new TreeMap<>();
        for (String line : text.split("\n", -1)) {
            int equals = line.indexOf('=');
            if (line.isEmpty()) {
                continue;
            }
            if (equals <= 0
                    || values.put(line.substring(0, equals), plain(line.substring(equals + 1)))
                            != null) {
                throw new BadRotationText("line: " + shown(line) + " (expected: name=value, once)");
            }
        }
        return new Fields(values);
    }

    String text() {
        StringBuilder text = new StringBuilder();
        values.forEach(
                (name, value) -> text.append(name).append('=').append(escaped(value)).append('\n'));
        return text.toString();
    }

    Fields put(String name, String value) {
        values.put(name, value);
        return this;
    }

    Fields put(String name, Instant value) {
        return put(name, value.toString());
    }

    Fields put(String name, Duration value) {
        return put(name, value.toString());
    }

    Fields put(String name, long value) {
        return put(name, Long.toString(value));
    }

    Fields put(String name, boolean value) {
        return put(name, Boolean.toString(value));
    }

    Optional<String> find(String name) {
        return Optional.ofNullable(values.get(name));
    }

    String text(String name) throws BadRotationText {
        String value = values.get(name);
        if (value == null) {
            throw new BadRotationText(name + ": missing (expected: a value)");
        }
        return value;
    }

    long number(String name) throws BadRotationText {
        try {
            return Long.parseLong(text(name));
        } catch (NumberFormatException e) {
            throw malformed(name, "a number");
        }
    }

    boolean flag(String name) throws BadRotationText {
        return switch (text(name)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw malformed(name, "true or false");
        };
    }

    Instant instant(String name) throws BadRotationText {
        try {
            return Instant.parse(text(name));
        } catch (DateTimeParseException e) {
            throw malformed(name, "a time");
        }
    }

    Duration duration(String name) throws BadRotationText {
        try {
            return Duration.parse(text(name));
        } catch (DateTimeParseException | ArithmeticException e) {
            throw malformed(name, "a duration");
        }
    }

    /** How many entries {@code name.0.…}, {@code name.1.…} there are said to be. */
    int size(String name, int most) throws BadRotationText {
        long size = number(name + ".size");
        if (size < 0 || size > most) {
            throw malformed(name + ".size", "0 to " + most);
        }
        return (int) size;
    }

    BadRotationText malformed(String name, String expectation) {
        return new BadRotationText(
                name
                        + ": "
                        + shown(values.getOrDefault(name, ""))
                        + " (expected: "
                        + expectation
                        + ")");
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
    }

    private static String plain(String value) throws BadRotationText {
        StringBuilder plain = new StringBuilder(value.length());
        boolean escape = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (escape) {
                plain.append(unescaped(c));
                escape = false;
            } else if (c == '\\') {
                escape = true;
            } else {
                plain.append(c);
            }
        }
        if (escape) {
            throw badEscape(' ');
        }
        return plain.toString();
    }

    private static char unescaped(char c) throws BadRotationText {
        return switch (c) {
            case '\\' -> '\\';
            case 'n' -> '\n';
            case 'r' -> '\r';
            default -> throw badEscape(c);
        };
    }

    private static BadRotationText badEscape(char c) {
        return new BadRotationText("escape: \\" + c + " (expected: \\\\, \\n or \\r)");
    }

    private static String shown(String value) {
        return value.length() > 40 ? value.substring(0, 40) + "…" : value;
    }
}
