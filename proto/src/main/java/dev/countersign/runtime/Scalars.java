package dev.countersign.runtime;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Single values as configurations write them; empty for what is none. */
final class Scalars {
    private Scalars() {}

    static Optional<Boolean> bool(String text) {
        return switch (text) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    /** In these bounds, both included. */
    static Optional<Long> integer(String text, long min, long max) {
        try {
            long number = Long.parseLong(text);
            return number >= min && number <= max ? Optional.of(number) : Optional.empty();
        } catch (NumberFormatException notANumber) {
            return Optional.empty();
        }
    }

    /** In any case, dashes for underscores. */
    static <E extends Enum<E>> Optional<E> constant(String text, E[] constants) {
        return Arrays.stream(constants)
                .filter(c -> c.name().equalsIgnoreCase(text.replace('-', '_')))
                .findFirst();
    }

    /** How they are written, for messages. */
    static <E extends Enum<E>> String names(E[] constants) {
        List<String> names =
                Arrays.stream(constants)
                        .map(c -> c.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                        .toList();
        return String.join(" | ", names);
    }

    static Optional<InetSocketAddress> hostPort(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0) {
            return Optional.empty();
        }
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (host.indexOf(':') >= 0 && !bracketed) {
            return Optional.empty();
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            return port < 0 || port > 0xffff
                    ? Optional.empty()
                    : Optional.of(
                            InetSocketAddress.createUnresolved(
                                    bracketed ? host.substring(1, host.length() - 1) : host, port));
        } catch (NumberFormatException notAPort) {
            return Optional.empty();
        }
    }
}
