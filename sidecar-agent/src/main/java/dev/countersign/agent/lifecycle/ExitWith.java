package dev.countersign.agent.lifecycle;

/** Whose end is the agent's: so that a Job whose work is done does not wait for its sidecar. */
public sealed interface ExitWith {
    /** What {@link #parse} reads. */
    String SYNTAX = "never | others | command:NAME | pid:NUMBER";

    /** Nobody's: it is told to end. */
    record Never() implements ExitWith {}

    /** One process. */
    record Pid(long number) implements ExitWith {}

    /**
     * Every process of a name.
     *
     * @param name as the kernel has it: at most 15 bytes of the executable's
     */
    record Command(String name) implements ExitWith {}

    /**
     * Every process of another container of the pod, which shares its process namespace; the first
     * process, which holds the namespace, does not count.
     */
    record Others() implements ExitWith {}

    /**
     * Reads {@link #SYNTAX}.
     *
     * @throws IllegalArgumentException when it is something else
     */
    static ExitWith parse(String text) {
        int colon = text.indexOf(':');
        String kind = colon < 0 ? text : text.substring(0, colon);
        String value = colon < 0 ? "" : text.substring(colon + 1);
        if (colon >= 0 && value.isEmpty()) {
            throw new IllegalArgumentException(text);
        }
        return switch (kind) {
            case "never" -> new Never();
            case "others" -> new Others();
            case "command" -> new Command(named(value));
            case "pid" -> new Pid(Long.parseUnsignedLong(value));
            default -> throw new IllegalArgumentException(text);
        };
    }

    private static String named(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("command:");
        }
        return name.length() > ProcessTable.MAX_COMMAND
                ? name.substring(0, ProcessTable.MAX_COMMAND)
                : name;
    }
}
