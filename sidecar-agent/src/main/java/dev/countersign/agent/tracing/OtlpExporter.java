package dev.countersign.agent.tracing;

import dev.countersign.identity.SpiffeId;
import dev.countersign.runtime.Backoff;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends spans to a collector from a thread of its own: at most 512 at a time, or what a second brings.
 * A collector that is away or overloaded (429, 502, 503, 504) is asked again a few times, meanwhile the
 * queue fills and then drops. Its client is made when there is something to send.
 */
public final class OtlpExporter implements AutoCloseable {
    private static final int BATCH = 512;
    private static final int TRIES = 4;
    private static final Duration LINGER = Duration.ofSeconds(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LAST_TIMEOUT = Duration.ofSeconds(2);
    private static final List<Integer> AGAIN = List.of(429, 502, 503, 504);
    private static final Logger LOG = LoggerFactory.getLogger(OtlpExporter.class);

    private final TracingSettings settings;
    private final SpanQueue queue;
    private final Supplier<Optional<SpiffeId>> self;
    private final String version;
    private final Backoff backoff;
    private final LongAdder exported = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private final Thread thread;
    private @Nullable HttpClient client;
    private volatile boolean closed;

    private OtlpExporter(
            TracingSettings settings,
            SpanQueue queue,
            Supplier<Optional<SpiffeId>> self,
            String version,
            RandomGenerator random) {
        this.settings = settings;
        this.queue = queue;
        this.self = self;
        this.version = version;
        this.backoff = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(5), random);
        this.thread = Thread.ofPlatform().name("spans").daemon().unstarted(this::run);
    }

    /** Starts; connects to nobody yet. */
    public static OtlpExporter start(
            TracingSettings settings,
            SpanQueue queue,
            Supplier<Optional<SpiffeId>> self,
            String version,
            RandomGenerator random) {
        OtlpExporter exporter = new OtlpExporter(settings, queue, self, version, random);
        exporter.thread.start();
        return exporter;
    }

    /** Spans that the collector took. */
    public long exported() {
        return exported.sum();
    }

    /** Spans that it refused, or that it was not there for. */
    public long lost() {
        return lost.sum();
    }

    /** Sends what waits, once. */
    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.interrupt();
        thread.join();
    }

    private void run() {
        while (!closed) {
            try {
                export(queue.next(BATCH, LINGER));
            } catch (InterruptedException ending) {
                break;
            }
        }
        last();
    }

    private void export(List<Span> batch) throws InterruptedException {
        byte[] body = OtlpMessage.of(resource(), version, batch);
        try {
            for (int i = 1; i <= TRIES; i++) {
                Outcome outcome = send(body, TIMEOUT);
                if (outcome == Outcome.TAKEN) {
                    exported.add(batch.size());
                    backoff.reset();
                    return;
                }
                if (outcome == Outcome.REFUSED || i == TRIES) {
                    lost.add(batch.size());
                    return;
                }
                Thread.sleep(backoff.next());
            }
        } catch (InterruptedException ending) {
            lost.add(batch.size());
            throw ending;
        }
    }

    private void last() {
        List<Span> batch = queue.rest(BATCH);
        if (batch.isEmpty()) {
            return;
        }
        try {
            Outcome outcome = send(OtlpMessage.of(resource(), version, batch), LAST_TIMEOUT);
            (outcome == Outcome.TAKEN ? exported : lost).add(batch.size());
        } catch (InterruptedException ending) {
            lost.add(batch.size());
        }
    }

    private Outcome send(byte[] body, Duration timeout) throws InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(settings.endpoint())
                        .timeout(timeout)
                        .header("content-type", "application/x-protobuf")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build();
        try {
            int status =
                    client().send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            if (status / 100 == 2) {
                return Outcome.TAKEN;
            }
            LOG.atDebug().addKeyValue("status", status).log("collector takes no spans");
            return AGAIN.contains(status) ? Outcome.LATER : Outcome.REFUSED;
        } catch (IOException away) {
            LOG.atDebug().addKeyValue("cause", away.toString()).log("collector is away");
            return Outcome.LATER;
        }
    }

    private HttpClient client() {
        HttpClient made = client;
        if (made == null) {
            made =
                    HttpClient.newBuilder()
                            .version(HttpClient.Version.HTTP_1_1)
                            .followRedirects(HttpClient.Redirect.NEVER)
                            .connectTimeout(LAST_TIMEOUT)
                            .build();
            client = made;
        }
        return made;
    }

    private List<Span.Attribute> resource() {
        return self.get()
                .map(OtlpExporter::facts)
                .orElseGet(() -> List.of(new Span.Attribute.Text("service.name", "unknown")));
    }

    private static List<Span.Attribute> facts(SpiffeId id) {
        List<Span.Attribute> facts = new ArrayList<>();
        facts.add(new Span.Attribute.Text("countersign.spiffe_id", id.toString()));
        id.serviceAccount()
                .ifPresent(account -> {
                    facts.add(new Span.Attribute.Text("service.name", account.name()));
                    facts.add(new Span.Attribute.Text("service.namespace", account.namespace()));
                });
        return facts;
    }

    private enum Outcome {
        TAKEN,
        LATER,
        REFUSED
    }
}
