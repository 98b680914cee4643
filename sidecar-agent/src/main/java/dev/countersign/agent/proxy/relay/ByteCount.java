package dev.countersign.agent.proxy.relay;

/** Told what a relay passes on, on its event loop. Must not block. */
public interface ByteCount {
    /** Where nobody counts. */
    ByteCount NONE =
            new ByteCount() {
                @Override
                public void received(int bytes) {
                    // Nobody asks.
                }

                @Override
                public void sent(int bytes) {
                    // Nobody asks.
                }
            };

    /** From the first of the two that were joined. */
    void received(int bytes);

    /** To the first of the two that were joined. */
    void sent(int bytes);
}
