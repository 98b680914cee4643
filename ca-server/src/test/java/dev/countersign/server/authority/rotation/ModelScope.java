package dev.countersign.server.authority.rotation;

import java.time.Duration;
import java.util.Optional;

/**
 * How large a model is and what may happen in it. Times are ticks, a minute each.
 *
 * @param agents how many, at most 8
 * @param replicas how many, at most 4
 * @param times of the rotation
 * @param liberties what agents and replicas may do beside their duty
 * @param canary whether agent 0 gets the new root first
 * @param undos how often the operator goes back at most
 * @param subject what rotates
 * @param fault what is wrong with the world
 */
record ModelScope(
        int agents,
        int replicas,
        Times times,
        Liberties liberties,
        boolean canary,
        int undos,
        Change.Subject subject,
        Fault fault) {
    private static final Duration TICK = Duration.ofMinutes(1);

    /** A replica signs for {@code lease} ticks after it looked, and counts as silent after {@code fence}. */
    record Times(int dwell, int window, int skew, int lease, int fence, int life) {
        static final Times SHORTEST = new Times(1, 1, 1, 1, 1, 1);
    }

    /**
     * What agents and replicas may do.
     *
     * @param partitions agents lose their streams and come back
     * @param deaths agents die, and return with what they kept or with their bootstrap file alone
     * @param slowPlans replicas plan a leaf and sign it later, leaders decide a move and make it later
     * @param outsider there is a verifier that nobody knows of; it loads as late as the dwell time
     * @param connections agents meet each other, keep connections open, and count roots
     */
    record Liberties(
            boolean partitions,
            boolean deaths,
            boolean slowPlans,
            boolean outsider,
            boolean connections) {
        static final Liberties NONE = new Liberties(false, false, false, false, false);
        static final Liberties CHURN = new Liberties(true, true, false, false, false);
    }

    /** What the planner's guards are there for and no agent or replica does by itself. */
    enum Fault {
        NONE,
        /** The maker of roots returns one with the old root's key and name. */
        KNOWN_SUCCESSOR,
        /** The maker of roots returns one that ends soon. */
        BRIEF_SUCCESSOR,
        /** Somebody else has the new root's key, and signs with it before its time. */
        EARLY_LEAF,
        /** Records of leaves under the old root are lost while it is drained. */
        LOST_RECORDS,
        /** Agent 1 does not get on with canaries, whom it meets once in a window. */
        DEAF_AGENT,
        /** No replica says that it is there. */
        SILENT_REPLICAS
    }

    ModelScope {
        if (agents < 1 || agents > 8 || replicas < 1 || replicas > 4) {
            throw new IllegalArgumentException("agents, replicas: " + agents + ", " + replicas);
        }
    }

    static ModelScope of(int agents, int replicas, Liberties liberties) {
        return new ModelScope(
                agents,
                replicas,
                Times.SHORTEST,
                liberties,
                false,
                0,
                Change.Subject.ROOT,
                Fault.NONE);
    }

    ModelScope withTimes(Times other) {
        return new ModelScope(agents, replicas, other, liberties, canary, undos, subject, fault);
    }

    ModelScope withCanary() {
        return new ModelScope(agents, replicas, times, liberties, true, undos, subject, fault);
    }

    ModelScope withUndos(int most) {
        return new ModelScope(agents, replicas, times, liberties, canary, most, subject, fault);
    }

    ModelScope of(Change.Subject other) {
        return new ModelScope(agents, replicas, times, liberties, canary, undos, other, fault);
    }

    ModelScope with(Fault other) {
        return new ModelScope(agents, replicas, times, liberties, canary, undos, subject, other);
    }

    RotationPlan plan() {
        return new RotationPlan(
                ticks(times.dwell),
                canary ? Optional.of(Roots.WEB) : Optional.empty(),
                ticks(times.window),
                ticks(times.skew),
                ticks(times.fence),
                Duration.ofDays(30),
                Optional.empty(),
                50,
                false);
    }

    static Duration ticks(long count) {
        return TICK.multipliedBy(count);
    }
}
