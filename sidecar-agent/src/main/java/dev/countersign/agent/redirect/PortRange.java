package dev.countersign.agent.redirect;

import java.util.ArrayList;
import java.util.List;

/**
 * One port or several that follow one another, both ends included.
 *
 * @param first 1 to 65535
 * @param last at least {@code first}, at most 65535
 */
public record PortRange(int first, int last) {
    private static final int MAX = 0xffff;

    /** Of the multiport match: more do not fit into one rule. */
    private static final int MAX_OF_A_RULE = 15;

    public PortRange {
        if (first < 1 || last > MAX || first > last) {
            throw new IllegalArgumentException(
                    "ports: " + first + "-" + last + " (expected: 1 to 65535, the lower first)");
        }
    }

    /**
     * {@code 8080} or {@code 9000-9099}.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static PortRange parse(String text) {
        int dash = text.indexOf('-');
        try {
            return dash < 0
                    ? new PortRange(port(text), port(text))
                    : new PortRange(port(text.substring(0, dash)), port(text.substring(dash + 1)));
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(
                    "ports: " + text + " (expected: 8080 or 9000-9099)", notANumber);
        }
    }

    public boolean contains(int port) {
        return first <= port && port <= last;
    }

    /** As the multiport match wants them, each text for a rule of its own. */
    static List<String> multiports(List<PortRange> ranges) {
        List<String> rules = new ArrayList<>();
        StringBuilder ports = new StringBuilder();
        int room = MAX_OF_A_RULE;
        for (PortRange range : ranges) {
            if (range.size() > room) {
                rules.add(ports.toString());
                ports.setLength(0);
                room = MAX_OF_A_RULE;
            }
            ports.append(ports.isEmpty() ? "" : ",").append(range.multiport());
            room -= range.size();
        }
        if (!ports.isEmpty()) {
            rules.add(ports.toString());
        }
        return rules;
    }

    /** A range takes the place of two ports. */
    private int size() {
        return first == last ? 1 : 2;
    }

    private String multiport() {
        return first == last ? String.valueOf(first) : first + ":" + last;
    }

    private static int port(String text) {
        if (text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new NumberFormatException(text);
        }
        return Integer.parseInt(text);
    }

    @Override
    public String toString() {
        return first == last ? String.valueOf(first) : first + "-" + last;
    }
}
