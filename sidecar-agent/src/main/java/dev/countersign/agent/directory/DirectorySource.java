package dev.countersign.agent.directory;

import java.util.Optional;

/** The directory in force. */
public interface DirectorySource {
    /** Empty before any was believed. */
    Optional<Directory> directory();

    /** Whether it is so old that nothing may be concluded from what it does not say. */
    boolean stale();

    /** Called after every change, on the subscription's thread; must return quickly. */
    void onChange(Runnable listener);
}
