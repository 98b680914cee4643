package dev.countersign.agent.proxy.traffic;

import dev.countersign.agent.proxy.connection.Direction;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Which traffic somebody wants to see. What is not asked for is not looked at.
 *
 * @param peer SPIFFE ID of the other side, or its beginning and {@code *}
 * @param path of a request, or its beginning and {@code *}; streams have none
 * @param decision what was decided
 * @param port of the workload, or that it calls
 * @param direction seen from the workload
 */
public record TapFilter(
        Optional<String> peer,
        Optional<String> path,
        Optional<Mark> decision,
        OptionalInt port,
        Optional<Direction> direction) {
    /** Everything. */
    public static final TapFilter ALL =
            new TapFilter(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    OptionalInt.empty(),
                    Optional.empty());

    private static final int MAX_PORT = 65_535;

    /** What a decision can be looked for by. */
    public enum Mark {
        ALLOWED,
        DENIED,
        AUDITED
    }

    /**
     * Reads names and texts.
     *
     * @throws IllegalArgumentException with value and expectation
     */
    public static TapFilter parse(Map<String, String> texts) {
        for (String name : texts.keySet()) {
            switch (name) {
                case "peer", "path", "decision", "port", "direction" -> {}
                default ->
                        throw new IllegalArgumentException(
                                name
                                        + ": unknown (expected: peer, path, decision, port, direction)");
            }
        }
        return new TapFilter(
                Optional.ofNullable(texts.get("peer")),
                Optional.ofNullable(texts.get("path")),
                constant("decision", texts.get("decision"), Mark.values()),
                port(texts.get("port")),
                constant("direction", texts.get("direction"), Direction.values()));
    }

    boolean matches(Observed what) {
        return direction.map(wanted -> wanted == what.direction()).orElse(true)
                && (port.isEmpty() || port.getAsInt() == what.port())
                && decision.map(what::has).orElse(true)
                && path.map(wanted -> covers(wanted, what.path())).orElse(true)
                && peer.map(wanted -> covers(wanted, what.peer())).orElse(true);
    }

    private static boolean covers(String wanted, @Nullable String text) {
        if (text == null) {
            return false;
        }
        return wanted.endsWith("*")
                ? text.startsWith(wanted.substring(0, wanted.length() - 1))
                : text.equals(wanted);
    }

    private static OptionalInt port(@Nullable String text) {
        if (text == null) {
            return OptionalInt.empty();
        }
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= MAX_PORT) {
                return OptionalInt.of(port);
            }
        } catch (NumberFormatException notANumber) {
            // Said below.
        }
        throw new IllegalArgumentException("port: " + text + " (expected: 0..65535)");
    }

    private static <E extends Enum<E>> Optional<E> constant(
            String name, @Nullable String text, E[] constants) {
        if (text == null) {
            return Optional.empty();
        }
        StringBuilder names = new StringBuilder();
        for (E constant : constants) {
            if (constant.name().equalsIgnoreCase(text)) {
                return Optional.of(constant);
            }
            names.append(names.isEmpty() ? "" : " | ")
                    .append(constant.name().toLowerCase(Locale.ROOT));
        }
        throw new IllegalArgumentException(name + ": " + text + " (expected: " + names + ")");
    }
}
