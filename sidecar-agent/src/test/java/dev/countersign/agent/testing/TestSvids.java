package dev.countersign.agent.testing;

import dev.countersign.agent.svid.HeldSvid;
import dev.countersign.agent.svid.SvidSource;
import dev.countersign.identity.SpiffeId;
import dev.countersign.testing.TestCertificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Holds the identity that a test puts in. */
public final class TestSvids implements SvidSource {
    private final List<Consumer<HeldSvid>> listeners = new ArrayList<>();
    private Optional<HeldSvid> held = Optional.empty();
    private long generation;
    private boolean denied;

    @Override
    public synchronized Optional<HeldSvid> current() {
        return held;
    }

    @Override
    public synchronized void onChange(Consumer<HeldSvid> listener) {
        listeners.add(listener);
        held.ifPresent(listener);
    }

    @Override
    public synchronized boolean believed() {
        return held.isPresent() && !denied;
    }

    /** Until the next one is put in. */
    public synchronized void deny() {
        denied = true;
    }

    public synchronized void put(SpiffeId id, TestCertificate certificate) {
        generation++;
        denied = false;
        HeldSvid next = new HeldSvid(certificate.svid(id), certificate.key(), generation);
        held = Optional.of(next);
        listeners.forEach(listener -> listener.accept(next));
    }
}
