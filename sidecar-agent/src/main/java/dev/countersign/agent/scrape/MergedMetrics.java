package dev.countersign.agent.scrape;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Our metrics, and the application's behind them. Where the application has none to give, ours alone:
 * {@code countersign_application_scrapes_total} says how each scrape of it ended. Thread-safe.
 */
public final class MergedMetrics implements Supplier<String> {
    private static final Logger LOG = LoggerFactory.getLogger(MergedMetrics.class);

    private final Supplier<String> ours;
    private final ApplicationMetrics application;
    private final Counter merged;
    private final Map<Scraped.Failure, Counter> failed = new EnumMap<>(Scraped.Failure.class);
    private final AtomicBoolean failing = new AtomicBoolean();

    public MergedMetrics(
            Supplier<String> ours, ApplicationMetrics application, MeterRegistry meters) {
        this.ours = ours;
        this.application = application;
        this.merged = counter("merged", meters);
        for (Scraped.Failure failure : Scraped.Failure.values()) {
            failed.put(failure, counter(failure.name().toLowerCase(Locale.ROOT), meters));
        }
    }

    @Override
    public String get() {
        // Theirs first: then ours says how this very scrape ended.
        String theirs =
                switch (application.scrape()) {
                    case Scraped.Page page -> {
                        merged.increment();
                        failing.set(false);
                        yield page.lines();
                    }
                    case Scraped.Failed failure -> {
                        note(failure);
                        yield "";
                    }
                };
        return ours.get() + theirs;
    }

    /** Once until it is well again: it is asked every few seconds. */
    private void note(Scraped.Failed failure) {
        Objects.requireNonNull(failed.get(failure.failure())).increment();
        if (!failing.getAndSet(true)) {
            LOG.atWarn()
                    .addKeyValue("outcome", failure.failure())
                    .addKeyValue("cause", failure.why())
                    .log("metrics of the application are left out");
        }
    }

    private static Counter counter(String outcome, MeterRegistry meters) {
        return Counter.builder("countersign.application.scrapes")
                .description("How asking the application for its metrics ended")
                .tag("outcome", outcome)
                .register(meters);
    }
}
