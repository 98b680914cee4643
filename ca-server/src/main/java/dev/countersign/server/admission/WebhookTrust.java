package dev.countersign.server.admission;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Keeps whom the API server believes and what it is shown in step: first every root of the bundle is
 * believed, then the certificate may come from any of them. A root that left the bundle at once
 * (distrust) is believed a little longer, until every replica shows another certificate. One thread at
 * a time.
 */
public final class WebhookTrust {
    /** Every replica looks every few seconds. */
    static final Duration LEAVING = Duration.ofSeconds(30);

    private final TrustedRoots roots;
    private final Supplier<List<String>> bundle;
    private final Runnable renew;
    private final InstantSource clock;
    private final Map<String, Instant> left = new HashMap<>();
    private Set<String> before = Set.of();
    private boolean wasInStep;

    /**
     * @param bundle the roots of now, PEM each
     * @param renew replaces the certificate where it is due; called when all roots are believed, and
     *     until they could be told for the first time, for then nobody calls either
     */
    public WebhookTrust(
            TrustedRoots roots,
            Supplier<List<String>> bundle,
            Runnable renew,
            InstantSource clock) {
        this.roots = roots;
        this.bundle = bundle;
        this.renew = renew;
        this.clock = clock;
    }

    /** What is wrong; empty when nothing is. */
    public String problem() {
        return roots.problem();
    }

    /** Called every few seconds. */
    public void maintain() {
        Set<String> now = new TreeSet<>(bundle.get());
        noteWhoLeft(now);
        Set<String> believed = new LinkedHashSet<>(now);
        believed.addAll(new TreeSet<>(left.keySet()));
        boolean inStep = roots.publish(String.join("", believed));
        // A certificate under a root of which the API server has not heard would be refused: what
        // it
        // is shown now is still good, for roots leave the bundle after their certificates have
        // ended.
        if (inStep || !wasInStep) {
            renew.run();
        }
        wasInStep |= inStep;
        before = now;
    }

    private void noteWhoLeft(Set<String> now) {
        Instant instant = clock.instant();
        before.stream()
                .filter(root -> !now.contains(root))
                .forEach(root -> left.putIfAbsent(root, instant));
        left.entrySet()
                .removeIf(entry ->
                        now.contains(entry.getKey())
                                || instant.isAfter(entry.getValue().plus(LEAVING)));
    }
}
