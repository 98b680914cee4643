package dev.countersign.server.authority;

/**
 * Which of the replicas drives rotations: a port. It spares work and noise; what keeps two from doing
 * harm is the compare-and-set on the epoch.
 */
@FunctionalInterface
public interface Leadership {
    /** There is one server only. */
    Leadership ALONE = () -> true;

    /** Whether this process leads now; takes the lead when nobody has it. */
    boolean lead();
}
