package dev.countersign.server.authority;

import dev.countersign.server.authority.rotation.Verifier;
import java.util.ArrayList;
import java.util.List;

/** Who decides whom to believe: a port, answered by those who talk to them. */
@FunctionalInterface
public interface Verifiers {
    /** All of both. */
    default Verifiers and(Verifiers others) {
        return () -> {
            List<Verifier> all = new ArrayList<>(verifiers());
            all.addAll(others.verifiers());
            return all;
        };
    }

    /** Nobody is known. */
    Verifiers NONE = List::of;

    /**
     * All that are connected to any replica, or may come back with what they trusted before.
     *
     * @throws RuntimeException when that cannot be known now: nothing may move
     */
    List<Verifier> verifiers();
}
