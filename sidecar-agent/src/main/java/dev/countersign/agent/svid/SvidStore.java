package dev.countersign.agent.svid;

import java.io.IOException;
import java.util.Optional;

/** Where an identity outlives the process. The bytes hold a private key: 0600, never logged. */
public interface SvidStore {
    /** What was last saved, whole; empty when there is nothing or nothing usable. */
    Optional<byte[]> load();

    /** Replaces what is there, atomically. */
    void save(byte[] identity) throws IOException;

    /** Keeps nothing: an agent without a state directory. */
    static SvidStore none() {
        return new SvidStore() {
            @Override
            public Optional<byte[]> load() {
                return Optional.empty();
            }

            @Override
            public void save(byte[] identity) {}
        };
    }
}
