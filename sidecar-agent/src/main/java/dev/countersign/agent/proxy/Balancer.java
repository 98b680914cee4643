package dev.countersign.agent.proxy;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Chooses one of several endpoints. Pure. */
final class Balancer {
    private Balancer() {}

    /**
     * The one with the least work under way, ties broken at random. One that failed lately is passed
     * over while there is another; when all have, the one whose back-off ends first is tried.
     *
     * @param tried those that failed for this very request
     */
    static Optional<Endpoint> choose(
            List<Endpoint> endpoints,
            Collection<Endpoint> tried,
            long nanoTime,
            RandomGenerator random) {
        List<Endpoint> left = endpoints.stream().filter(one -> !tried.contains(one)).toList();
        List<Endpoint> healthy = left.stream().filter(one -> !one.failing(nanoTime)).toList();
        if (healthy.isEmpty()) {
            return left.stream().min(Comparator.comparingLong(one -> one.failedUntil() - nanoTime));
        }
        int least = healthy.stream().mapToInt(Endpoint::active).min().orElse(0);
        List<Endpoint> best = healthy.stream().filter(one -> one.active() <= least).toList();
        return Optional.of(
                best.isEmpty()
                        ? healthy.getFirst()
                        : best.get(best.size() == 1 ? 0 : random.nextInt(best.size())));
    }
}
