package dev.countersign.server.kubernetes;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Remembers until when the API server asked for patience ({@code Retry-After} of a 429 or 503). The
 * client waits that long by itself before it repeats a call; who can do without the call asks here
 * first and spares it.
 */
final class Throttle implements Interceptor {
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final Duration UNSAID = Duration.ofSeconds(1);

    private final LongSupplier nanos;
    private volatile long until;

    Throttle(LongSupplier nanos) {
        this.nanos = nanos;
        this.until = nanos.getAsLong();
    }

    /** How long it still wants to be left alone; zero when it does not. */
    Duration left() {
        long left = until - nanos.getAsLong();
        return left > 0 ? Duration.ofNanos(left) : Duration.ZERO;
    }

    @Override
    public void after(
            HttpRequest request,
            HttpResponse<?> response,
            AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        if (response.code() == 429 || response.code() == 503) {
            until = nanos.getAsLong() + asked(response).toNanos();
        }
    }

    private static Duration asked(HttpResponse<?> response) {
        String header = response.header("Retry-After");
        try {
            // Whole seconds; a date (RFC 9110, section 10.2.3) is not what an API server sends.
            Duration asked =
                    header == null ? UNSAID : Duration.ofSeconds(Long.parseLong(header.strip()));
            return asked.isNegative() ? UNSAID : asked.compareTo(LONGEST) > 0 ? LONGEST : asked;
        } catch (NumberFormatException odd) {
            return UNSAID;
        }
    }
}
