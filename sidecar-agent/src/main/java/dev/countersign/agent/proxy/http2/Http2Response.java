package dev.countersign.agent.proxy.http2;

import dev.countersign.agent.proxy.http.HttpChars;
import dev.countersign.agent.proxy.http.HttpRefusal;
import dev.countersign.agent.proxy.http.HttpRefused;
import io.netty.handler.codec.http2.Http2Headers;

/** Response heads, checked as strictly as requests. */
final class Http2Response {
    private static final int DIGITS = 3;
    private static final int CONTINUE = 100;
    private static final int SWITCHING = 101;
    private static final int FIRST_FINAL = 200;
    private static final int LAST = 599;

    private Http2Response() {}

    static boolean isInterim(int status) {
        return status < FIRST_FINAL;
    }

    /**
     * Cleans a head's fields and reads its status.
     *
     * @throws HttpRefused when it is none that may be passed on
     */
    static int check(Http2Headers headers, boolean end, boolean stripOurs) throws HttpRefused {
        Http2Fields.clean(headers, stripOurs);
        int status = status(headers.status());
        if (status == SWITCHING || (isInterim(status) && end)) {
            throw new HttpRefused(
                    HttpRefusal.RESPONSE_UNEXPECTED, ":status: " + status + " (expected: final)");
        }
        return status;
    }

    private static int status(@org.jspecify.annotations.Nullable CharSequence sent)
            throws HttpRefused {
        int value = 0;
        if (sent != null && sent.length() == DIGITS) {
            for (int i = 0; i < DIGITS; i++) {
                char c = sent.charAt(i);
                value = HttpChars.isDigit((byte) c) && c < 0x80 ? value * 10 + (c - '0') : LAST + 1;
            }
        }
        if (value < CONTINUE || value > LAST) {
            throw new HttpRefused(
                    HttpRefusal.BAD_STATUS_LINE, ":status: " + sent + " (expected: 100 to 599)");
        }
        return value;
    }
}
