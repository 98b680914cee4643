package dev.countersign.agent.proxy.http;

/** Why a message is not passed on. Names are stable: they are logged and counted. */
public enum HttpRefusal {
    BARE_LF,
    CONTROL_CHARACTER,
    HEAD_TOO_LARGE,
    TOO_MANY_HEADERS,
    BAD_REQUEST_LINE,
    BAD_METHOD,
    BAD_TARGET,
    BAD_VERSION,
    BAD_STATUS_LINE,
    BAD_HEADER_NAME,
    SPACE_BEFORE_COLON,
    OBS_FOLD,
    HOST_MISSING,
    HOST_SEVERAL,
    BAD_HOST,
    HOST_DISAGREES,
    CONTENT_LENGTH_SEVERAL,
    BAD_CONTENT_LENGTH,
    CONTENT_LENGTH_WITH_TRANSFER_ENCODING,
    BAD_TRANSFER_ENCODING,
    UNDERSCORE_FRAMING,
    BAD_CONNECTION,
    BAD_CHUNK,
    BAD_TRAILER,
    BAD_PATH,
    CONNECT_REFUSED,
    EXPECTATION_UNKNOWN(417),
    HEAD_TIMEOUT(408),
    BODY_TIMEOUT(408),
    OVERLOADED(503),
    BAD_PSEUDO_FIELD,
    BAD_FIELD_VALUE,
    BAD_FRAMING,
    STREAM_LIMIT(503),
    TOO_MANY_FRAMES,
    RESPONSE_UNEXPECTED;

    private static final int BAD_REQUEST = 400;

    private final int status;

    HttpRefusal() {
        this(BAD_REQUEST);
    }

    HttpRefusal(int status) {
        this.status = status;
    }

    /** What a client is answered. */
    public int status() {
        return status;
    }
}
