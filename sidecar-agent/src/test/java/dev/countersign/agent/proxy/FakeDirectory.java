package dev.countersign.agent.proxy;

import dev.countersign.agent.directory.Directory;
import dev.countersign.agent.directory.DirectorySource;
import dev.countersign.feed.DirectoryEntry;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Says what it was told to say. */
final class FakeDirectory implements DirectorySource {
    private final InstantSource clock;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Optional<Directory> directory = Optional.empty();
    private volatile boolean stale;

    FakeDirectory(InstantSource clock) {
        this.clock = clock;
    }

    void say(DirectoryEntry... entries) {
        List<DirectoryEntry> all = List.of(entries);
        directory =
                Optional.of(
                        directory
                                .map(before -> before.next(all, clock.instant()))
                                .orElseGet(() -> Directory.of(all)));
        listeners.forEach(Runnable::run);
    }

    void stale(boolean now) {
        stale = now;
    }

    @Override
    public Optional<Directory> directory() {
        return directory;
    }

    @Override
    public boolean stale() {
        return stale;
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }
}
