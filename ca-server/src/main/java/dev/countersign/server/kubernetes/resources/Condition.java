package dev.countersign.server.kubernetes.resources;

import java.util.Map;

/**
 * One thing that is so or not.
 *
 * @param type such as {@code Accepted}
 * @param reason a stable code
 * @param message for people; shortened to {@link #MAX_MESSAGE} characters
 */
public record Condition(String type, Truth status, String reason, String message) {
    public static final String ACCEPTED = "Accepted";
    public static final String ENFORCED = "Enforced";
    static final int MAX_MESSAGE = 1024;

    public Condition {
        message =
                message.length() > MAX_MESSAGE
                        ? message.substring(0, MAX_MESSAGE - 1) + "…"
                        : message;
    }

    /** As Kubernetes has it. */
    public enum Truth {
        TRUE("True"),
        FALSE("False"),
        UNKNOWN("Unknown");

        private final String text;

        Truth(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    public static Condition yes(String type, String reason, String message) {
        return new Condition(type, Truth.TRUE, reason, message);
    }

    public static Condition no(String type, String reason, String message) {
        return new Condition(type, Truth.FALSE, reason, message);
    }

    /** Whether a condition as it is written says the same in its status and reason. */
    boolean isAs(Map<?, ?> written) {
        return status.text.equals(written.get("status")) && reason.equals(written.get("reason"));
    }
}
