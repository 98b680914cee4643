package dev.countersign.agent.ca;

/** What a person needs to know of a failed call. */
public final class Causes {
    private Causes() {}

    /** The innermost message: "Connection refused", where the outer ones say "io exception". */
    public static String innermost(Throwable failure) {
        Throwable innermost = failure;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        String message = innermost.getMessage();
        return message == null ? innermost.getClass().getSimpleName() : message;
    }
}
