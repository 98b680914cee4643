package dev.countersign.server.kubernetes;

/** A question to the API server that got no usable answer. The message fits a log line. */
public final class ApiUnanswered extends Exception {
    private static final long serialVersionUID = 1L;

    private final ApiFailure failure;
    private final String message;

    ApiUnanswered(ApiFailure failure, String message) {
        super(message, null, false, false);
        this.failure = failure;
        this.message = message;
    }

    @Override
    public String getMessage() {
        return message;
    }

    public ApiFailure failure() {
        return failure;
    }
}
