package dev.countersign.server.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.RequestConfig;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls that somebody waits for: bounded in time and in number, and spared while the API server
 * wants to be left alone or did not answer a moment ago. Thread-safe.
 */
final class Questions {
    private static final int AT_ONCE = 64;
    private static final Duration AFTER_SILENCE = Duration.ofSeconds(1);

    private final KubernetesClient client;
    private final ExecutorService tasks;
    private final Throttle throttle;
    private final LongSupplier nanos;
    private final Semaphore places = new Semaphore(AT_ONCE);
    private volatile long silentUntil;

    Questions(
            KubernetesClient client, ExecutorService tasks, Throttle throttle, LongSupplier nanos) {
        this.client =
                client.newClient(impatient(client.getConfiguration()))
                        .adapt(KubernetesClient.class);
        this.tasks = tasks;
        this.throttle = throttle;
        this.nanos = nanos;
        this.silentUntil = nanos.getAsLong();
    }

    private static RequestConfig impatient(Config config) {
        return new RequestConfigBuilder()
                .withRequestRetryBackoffLimit(0)
                .withRequestRetryBackoffInterval(config.getRequestRetryBackoffInterval())
                .withRequestTimeout(config.getRequestTimeout())
                .withWatchReconnectInterval(config.getWatchReconnectInterval())
                .withWatchReconnectLimit(config.getWatchReconnectLimit())
                .withUploadRequestTimeout(config.getUploadRequestTimeout())
                .withScaleTimeout(config.getScaleTimeout())
                .withLoggingInterval(config.getLoggingInterval())
                .build();
    }

    <T extends @Nullable Object> T ask(
            Duration limit, String what, Function<KubernetesClient, T> call) throws ApiUnanswered {
        Duration left = throttle.left();
        if (left.isPositive()) {
            throw new ApiUnanswered(
                    ApiFailure.THROTTLED, what + ": not asked, it wants patience for " + left);
        }
        if (silentUntil - nanos.getAsLong() > 0) {
            throw new ApiUnanswered(ApiFailure.AWAY, what + ": not asked, silent a moment ago");
        }
        if (!places.tryAcquire()) {
            throw new ApiUnanswered(
                    ApiFailure.THROTTLED, what + ": not asked, " + AT_ONCE + " calls under way");
        }
        try {
            return answer(limit, what, tasks.submit(() -> once(call)));
        } finally {
            places.release();
        }
    }

    /** Who asks waits, and asks again by itself if at all: only a broken connection is tried twice. */
    private <T extends @Nullable Object> T once(Function<KubernetesClient, T> call) {
        try {
            return call.apply(client);
        } catch (KubernetesClientException failed) {
            if (failed.getCode() != 0) {
                throw failed;
            }
            return call.apply(client);
        }
    }

    private <T extends @Nullable Object> T answer(Duration limit, String what, Future<T> asked)
            throws ApiUnanswered {
        try {
            return asked.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            asked.cancel(true);
            silentUntil = nanos.getAsLong() + AFTER_SILENCE.toNanos();
            throw new ApiUnanswered(ApiFailure.AWAY, what + ": no answer within " + limit);
        } catch (InterruptedException stopped) {
            asked.cancel(true);
            Thread.currentThread().interrupt();
            throw new ApiUnanswered(ApiFailure.AWAY, what + ": interrupted");
        } catch (ExecutionException failed) {
            throw failed(what, failed.getCause());
        }
    }

    private ApiUnanswered failed(String what, @Nullable Throwable cause) {
        if (!(cause instanceof KubernetesClientException refused)) {
            throw new IllegalStateException(what, cause);
        }
        ApiFailure failure = ApiFailure.of(refused);
        if (failure == ApiFailure.AWAY) {
            silentUntil = nanos.getAsLong() + AFTER_SILENCE.toNanos();
        }
        return new ApiUnanswered(failure, what + ": " + ApiFailure.describe(refused));
    }
}
