package dev.countersign.server.kubernetes.pods;

import dev.countersign.identity.ServiceAccountName;
import dev.countersign.server.attestation.Pod;
import dev.countersign.server.attestation.PodDirectory;
import dev.countersign.server.attestation.kubernetes.ClusterPods.Gone;
import dev.countersign.server.attestation.kubernetes.ClusterPods.Known;
import dev.countersign.server.attestation.kubernetes.ClusterPods.Missing;
import dev.countersign.server.attestation.kubernetes.ClusterPods.Standing;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All pods of the cluster, by UID. Written by one thread at a time (the informer's, and who asked
 * for a pod itself), read by all.
 */
public final class PodIndex implements PodDirectory {
    /** UIDs of deleted pods that are remembered: those of a cluster's busy hour. */
    private static final int MOST_GONE = 20_000;

    private final Map<String, PodRecord> byUid = new ConcurrentHashMap<>();
    private final LinkedHashSet<String> gone = new LinkedHashSet<>();
    private final Map<ServiceAccountName, String> accountUids = new ConcurrentHashMap<>();
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private final PodReader reader = new PodReader();
    private volatile BooleanSupplier complete = () -> false;

    /** Told the UID of each pod that came, changed its labels, or is gone; on the informer's thread. */
    public void onChange(Consumer<String> listener) {
        listeners.add(listener);
    }

    /** The pod of this UID. */
    public Optional<Pod> byUid(String uid) {
        return Optional.ofNullable(byUid.get(uid)).map(this::toPod);
    }

    @Override
    public Optional<Pod> find(ServiceAccountName account, String podName, String podUid) {
        return byUid(podUid);
    }

    /** Looks at every pod: for people's questions, not for calls. */
    @Override
    public List<Pod> of(ServiceAccountName account) {
        return byUid.values().stream()
                .filter(pod -> pod.account.equals(account))
                .map(this::toPod)
                .toList();
    }

    @Override
    public boolean isComplete() {
        return complete.getAsBoolean();
    }

    public int size() {
        return byUid.size();
    }

    Standing standing(String uid) {
        @Nullable PodRecord pod = byUid.get(uid);
        if (pod != null) {
            return new Known(toPod(pod), pod.reviewed);
        }
        synchronized (gone) {
            return gone.contains(uid) ? new Gone() : new Missing();
        }
    }

    void reviewed(String uid) {
        @Nullable PodRecord pod = byUid.get(uid);
        if (pod != null) {
            pod.reviewed = true;
        }
    }

    /** The account of a pod that has an agent; empty where it has none, or is not known. */
    public Optional<ServiceAccountName> meshedAccount(String uid) {
        return Optional.ofNullable(byUid.get(uid))
                .filter(pod -> pod.meshed)
                .map(pod -> pod.account);
    }

    boolean selects(Map<String, String> selector, String uid) {
        @Nullable PodRecord pod = byUid.get(uid);
        return pod != null && pod.labels.matches(selector);
    }

    void completeWhen(BooleanSupplier synced) {
        complete = synced;
    }

    /**
     * Takes what the API server says of a pod.
     *
     * @return whether there was a record of it
     */
    boolean put(io.fabric8.kubernetes.api.model.Pod said) {
        PodRecord pod = reader.read(said);
        @Nullable PodRecord before;
        synchronized (gone) {
            if (gone.contains(pod.uid)) {
                return false; // an answer that a deletion has overtaken
            }
            before = byUid.get(pod.uid);
            if (before != null) {
                pod.reviewed = before.reviewed;
            }
            byUid.put(pod.uid, pod);
            if (before != null && before.labels.equals(pod.labels)) {
                return true;
            }
        }
        tell(pod.uid);
        return before != null;
    }

    /** @return whether there was a record of it */
    boolean remove(String uid) {
        synchronized (gone) {
            gone.add(uid);
            if (gone.size() > MOST_GONE) {
                gone.removeFirst();
            }
            if (byUid.remove(uid) == null) {
                return false;
            }
        }
        tell(uid);
        return true;
    }

    @Nullable PodRecord record(String uid) {
        return byUid.get(uid);
    }

    java.util.stream.Stream<String> uids() {
        return byUid.keySet().stream();
    }

    void putAccount(ServiceAccountName account, String uid) {
        accountUids.put(account, uid);
    }

    void removeAccount(ServiceAccountName account) {
        accountUids.remove(account);
    }

    Map<ServiceAccountName, String> accounts() {
        return accountUids;
    }

    private Pod toPod(PodRecord pod) {
        return pod.toPod(Optional.ofNullable(accountUids.get(pod.account)));
    }

    private void tell(String uid) {
        listeners.forEach(listener -> listener.accept(uid));
    }
}
