package dev.countersign.agent.provider;

import dev.countersign.agent.ca.Causes;
import dev.countersign.agent.ca.ServiceChannels;
import dev.countersign.policy.ExternalAuthorizer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The providers that CUSTOM policies ask. One connection to each, made at the first question and
 * again when its settings change; the number of providers is that of the mesh's settings.
 */
public final class ExternalAuthorization implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ExternalAuthorization.class);

    /** More than any mesh configures: names come from its settings and never from a request. */
    private static final int MOST = 64;

    private final ServiceChannels channels;
    private final MeterRegistry meters;
    private final Map<String, Open> open = new HashMap<>();
    private boolean closed;

    public ExternalAuthorization(ServiceChannels channels, MeterRegistry meters) {
        this.channels = channels;
        this.meters = meters;
    }

    /** A provider and the settings it was opened with. */
    private record Open(ExternalAuthorizer settings, Provider provider) {}

    /**
     * Asks one provider; does not block.
     *
     * @return never fails; completed on any thread, by the provider's timeout at the latest
     */
    public CompletableFuture<ProviderVerdict> ask(
            ExternalAuthorizer settings, CheckQuestion question) {
        CompletableFuture<ProviderVerdict> answer;
        try {
            answer = provider(settings).ask(question);
        } catch (RuntimeException e) {
            answer = CompletableFuture.failedFuture(e);
        }
        return answer.handle((verdict, fault) -> {
            ProviderVerdict settled = fault == null ? verdict : ProviderVerdict.error(settings);
            count(settings, settled);
            if (fault != null) {
                LOG.atWarn()
                        .addKeyValue("provider", settings.name())
                        .addKeyValue("failOpen", settings.failOpen())
                        .addKeyValue("cause", Causes.innermost(fault))
                        .log("external authorizer did not answer");
            }
            return settled;
        });
    }

    @Override
    public synchronized void close() {
        closed = true;
        open.values().forEach(one -> one.provider().close());
        open.clear();
    }

    private synchronized Provider provider(ExternalAuthorizer settings) {
        if (closed) {
            throw new IllegalStateException("agent: stopping (expected: running)");
        }
        Open held = open.get(settings.name());
        if (held != null && held.settings().equals(settings)) {
            return held.provider();
        }
        if (settings.address().isEmpty()) {
            throw new IllegalStateException(
                    "provider " + settings.name() + ": no address (expected: host:port)");
        }
        if (held == null && open.size() >= MOST) {
            throw new IllegalStateException("providers: more than " + MOST);
        }
        if (held != null) {
            held.provider().close();
        }
        Provider made =
                switch (settings.type()) {
                    case GRPC -> new GrpcProvider(settings, channels);
                    case HTTP -> new HttpProvider(settings, channels);
                };
        open.put(settings.name(), new Open(settings, made));
        return made;
    }

    private void count(ExternalAuthorizer settings, ProviderVerdict verdict) {
        String outcome =
                verdict.byError()
                        ? "error"
                        : switch (verdict.answer()) {
                            case ALLOW -> "allow";
                            case DENY -> "deny";
                            case UNAVAILABLE -> "error";
                        };
        Counter.builder("countersign.agent.provider.questions")
                .description("Questions to external authorizers by what came of them")
                .tag("provider", settings.name())
                .tag("outcome", outcome)
                .register(meters)
                .increment();
    }
}
