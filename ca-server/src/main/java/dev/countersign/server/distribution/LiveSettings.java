package dev.countersign.server.distribution;

import dev.countersign.feed.AgentSettings;
import java.util.function.Supplier;

/** The settings that agents get and policies are read against, as of now. Thread-safe. */
public final class LiveSettings implements Supplier<AgentSettings> {
    private final PolicyFeed feed;
    private volatile AgentSettings current;

    public LiveSettings(AgentSettings first, PolicyFeed feed) {
        this.feed = feed;
        this.current = first;
    }

    @Override
    public AgentSettings get() {
        return current;
    }

    /** Others from now on; agents are told where anything differs. */
    public synchronized void use(AgentSettings next) {
        if (!next.equals(current)) {
            current = next; // first: the revision that the feed makes must not go out with the old
            feed.read(next.mesh());
        }
    }
}
