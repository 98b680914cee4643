package dev.countersign.server.attestation.serviceaccount;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A document that a test may swap or withhold, and that counts how often it is looked at. */
final class InMemoryJwks implements JwksLoader {
    private final AtomicInteger loads = new AtomicInteger();
    private volatile String document;
    private volatile Optional<String> failure = Optional.empty();

    InMemoryJwks(String document) {
        this.document = document;
    }

    void set(String next) {
        document = next;
        failure = Optional.empty();
    }

    void fail(String why) {
        failure = Optional.of(why);
    }

    int loads() {
        return loads.get();
    }

    @Override
    public String origin() {
        return "memory";
    }

    @Override
    public Optional<Document> load(String known) throws JwksUnavailable {
        loads.incrementAndGet();
        if (failure.isPresent()) {
            throw new JwksUnavailable(failure.get());
        }
        return known.equals(document)
                ? Optional.empty()
                : Optional.of(new Document(document.getBytes(StandardCharsets.UTF_8), document));
    }
}
