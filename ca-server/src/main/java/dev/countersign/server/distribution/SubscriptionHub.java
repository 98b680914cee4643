package dev.countersign.server.distribution;

import dev.countersign.trust.VerifiedPeer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * All open streams. A change marks every stream and wakes it; streams end with their certificate.
 * The wiring calls {@link #endExpired} about once a second.
 */
public final class SubscriptionHub {
    /** An old agent process may still be draining while its successor connects. */
    private static final int STREAMS_PER_POD = 4;

    private static final int MAX_GOODBYES = 100_000;

    /** An agent that was asked to renew has so long after its time before it is asked again. */
    private static final Duration AGAIN = Duration.ofSeconds(10);

    private final Queue<VerifierRecords.Key> goodbyes = new ConcurrentLinkedQueue<>();
    private final Map<String, Set<Subscriber>> byPod = new ConcurrentHashMap<>();
    private final Executor senders;
    private final InstantSource clock;

    public SubscriptionHub(Executor senders, InstantSource clock) {
        this.senders = senders;
        this.clock = clock;
    }

    /** Adds and sends the first snapshot; false when the pod has too many streams: it was ended. */
    public boolean add(Subscriber subscriber) {
        Set<Subscriber> streams =
                byPod.compute(
                        subscriber.podKey(),
                        (pod, known) -> {
                            Set<Subscriber> set =
                                    known == null ? ConcurrentHashMap.newKeySet() : known;
                            if (set.size() < STREAMS_PER_POD) {
                                set.add(subscriber);
                            }
                            return set;
                        });
        if (!streams.contains(subscriber)) {
            subscriber.end(
                    Outbox.End.STREAMS_PER_POD,
                    "streams: more than " + STREAMS_PER_POD + " of one pod");
            return false;
        }
        senders.execute(subscriber::flush);
        return true;
    }

    public void remove(Subscriber subscriber) {
        if (subscriber.isLeaving() && goodbyes.size() < MAX_GOODBYES) {
            goodbyes.add(
                    new VerifierRecords.Key(subscriber.podKey(), subscriber.view().instanceId()));
        }
        byPod.computeIfPresent(
                subscriber.podKey(),
                (pod, known) -> {
                    known.remove(subscriber);
                    return known.isEmpty() ? null : known;
                });
    }

    /** Policies, bundle or settings changed: everybody gets the newest. */
    public void changed() {
        for (Set<Subscriber> streams : byPod.values()) {
            for (Subscriber subscriber : streams) {
                subscriber.markChanged();
                senders.execute(subscriber::flush);
            }
        }
    }

    /** A pod has these labels now: its streams get what selects it by them. */
    public void relabel(String podUid, Map<String, String> labels) {
        for (Subscriber subscriber : byPod.getOrDefault(podUid, Set.of())) {
            if (subscriber.relabel(labels)) {
                senders.execute(subscriber::flush);
            }
        }
    }

    /** Ends streams whose certificate has ended. */
    public void endExpired() {
        for (Subscriber subscriber : all()) {
            if (!clock.instant().isBefore(subscriber.expires())) {
                subscriber.end(
                        Outbox.End.SUBSCRIBER_CERTIFICATE_EXPIRED,
                        "certificate ended " + subscriber.expires());
                remove(subscriber);
            }
        }
    }

    /**
     * Ends streams whose certificate is denied; called after {@link #changed}, so that an agent hears
     * of it first.
     */
    public void endDenied(Function<VerifiedPeer, Optional<String>> denied) {
        for (Subscriber subscriber : all()) {
            Optional<String> why = denied.apply(subscriber.peer());
            if (why.isPresent() && subscriber.hasNewest()) {
                subscriber.end(Outbox.End.SUBSCRIBER_DENIED, "certificate is denied: " + why.get());
                remove(subscriber);
            }
        }
    }

    /** Ends all, so that agents move to another replica. */
    public void drain() {
        for (Subscriber subscriber : all()) {
            subscriber.end(Outbox.End.DRAINING, "server is shutting down");
            remove(subscriber);
        }
    }

    /**
     * Asks agents to renew whose certificate leads to this root: those with the least life left first.
     *
     * @param whom of them
     * @param most how many now
     * @param by when they are to have done it; who was asked and has not is asked again after this
     * @return how many were asked
     */
    int askToRenew(String rootKeyId, Predicate<Subscriber.View> whom, int most, Instant by) {
        Instant now = clock.instant();
        int asked = 0;
        List<Subscriber> due =
                all().stream()
                        .filter(one -> one.view().peer().rootKeyId().equals(rootKeyId))
                        .filter(one -> now.isAfter(one.askedToRenew().plus(AGAIN)))
                        .filter(one -> whom.test(one.view()))
                        .sorted(Comparator.comparing(Subscriber::expires))
                        .toList();
        for (Subscriber one : due) {
            if (asked < most && one.askToRenew(rootKeyId, by)) {
                asked++;
            }
        }
        return asked;
    }

    /** Processes that said goodbye since this was asked last. */
    List<VerifierRecords.Key> goodbyes() {
        List<VerifierRecords.Key> said = new ArrayList<>();
        for (VerifierRecords.Key key = goodbyes.poll(); key != null; key = goodbyes.poll()) {
            said.add(key);
        }
        return said;
    }

    public List<Subscriber.View> views() {
        return all().stream().map(Subscriber::view).toList();
    }

    public int size() {
        return all().size();
    }

    private List<Subscriber> all() {
        return byPod.values().stream().flatMap(Set::stream).toList();
    }
}
