package dev.countersign.agent.proxy;

import dev.countersign.agent.svid.HeldSvid;
import dev.countersign.agent.svid.SvidSource;
import dev.countersign.identity.SpiffeId;
import dev.countersign.testing.TestCertificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Holds what it is given. */
final class FakeSvids implements SvidSource {
    private final List<Consumer<HeldSvid>> listeners = new CopyOnWriteArrayList<>();
    private final AtomicLong generations = new AtomicLong();
    private volatile Optional<HeldSvid> current = Optional.empty();

    void hold(SpiffeId id, TestCertificate certificate) {
        HeldSvid held =
                new HeldSvid(
                        certificate.svid(id), certificate.key(), generations.incrementAndGet());
        current = Optional.of(held);
        listeners.forEach(listener -> listener.accept(held));
    }

    void expire() {
        current = Optional.empty();
    }

    @Override
    public Optional<HeldSvid> current() {
        return current;
    }

    @Override
    public void onChange(Consumer<HeldSvid> listener) {
        listeners.add(listener);
        current.ifPresent(listener);
    }
}
