package dev.countersign.server.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClientException;

/** What a failed call to the API server means for who called. */
public enum ApiFailure {
    /** Not reached, too slow, or broken: the same call may succeed later. */
    AWAY,
    /** It asked for patience: the same call may succeed later. */
    THROTTLED,
    /** Who we are is not known to it. */
    UNAUTHENTICATED,
    /** A permission is missing. */
    FORBIDDEN,
    NOT_FOUND,
    /** Somebody else was first, or the object changed meanwhile. */
    CONFLICT,
    /** A resource version that it no longer has. */
    GONE,
    /** It does not take what was sent. */
    INVALID;

    private static final int MOST_SHOWN = 300;

    /** Reads the status code; a failure without one never got an answer. */
    public static ApiFailure of(KubernetesClientException failure) {
        return switch (failure.getCode()) {
            case 401 -> UNAUTHENTICATED;
            case 403 -> FORBIDDEN;
            case 404 -> NOT_FOUND;
            case 409 -> CONFLICT;
            case 410 -> GONE;
            case 429 -> THROTTLED;
            default -> {
                boolean ours = failure.getCode() >= 400 && failure.getCode() < 500;
                yield ours ? INVALID : AWAY;
            }
        };
    }

    /** Whether the same call may succeed later without a change. */
    public boolean isTransient() {
        return this == AWAY || this == THROTTLED;
    }

    /** One line for logs and health: what failed, never a body. */
    public static String describe(KubernetesClientException failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        String text =
                failure.getCode() == 0
                        ? cause.getClass().getSimpleName() + ": " + cause.getMessage()
                        : "status " + failure.getCode() + ": " + failure.getMessage();
        String line = text.replaceAll("\\p{Cntrl}+", " ");
        return line.length() > MOST_SHOWN ? line.substring(0, MOST_SHOWN) : line;
    }
}
