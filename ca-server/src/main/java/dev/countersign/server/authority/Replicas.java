package dev.countersign.server.authority;

import dev.countersign.server.authority.rotation.Replica;
import java.util.List;

/** Server processes that issue, and the epoch each signs under: a port, kept by the store. */
public interface Replicas {
    /** Says that this process acts by this epoch; to be called every few seconds. */
    void confirm(long epoch);

    /**
     * Those that did not say that they stop, this one included.
     *
     * @throws RuntimeException when that cannot be known now: nothing may move
     */
    List<Replica> replicas();

    /** This process signs nothing any more. */
    void stopped();
}
