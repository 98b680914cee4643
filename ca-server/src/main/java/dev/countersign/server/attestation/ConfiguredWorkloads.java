package dev.countersign.server.attestation;

import dev.countersign.identity.ServiceAccountName;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The pods of the {@code workloads:} section: where there is no Kubernetes to ask. */
public final class ConfiguredWorkloads implements PodDirectory {
    private final Map<String, Workload> byPod;
    private final Map<ServiceAccountName, Workload> byAccount;
    private final List<Workload> all;
    private final boolean complete;

    /**
     * @param workloads in any order
     * @param complete whether only these exist: others are refused
     * @throws IllegalArgumentException when two entries are about the same pod, or the same account
     */
    public ConfiguredWorkloads(List<Workload> workloads, boolean complete) {
        Map<String, Workload> pods = new HashMap<>();
        Map<ServiceAccountName, Workload> accounts = new HashMap<>();
        for (Workload workload : workloads) {
            boolean repeated =
                    workload.pod().isPresent()
                            ? pods.put(key(workload.account(), workload.pod().get()), workload)
                                    != null
                            : accounts.put(workload.account(), workload) != null;
            if (repeated) {
                throw new IllegalArgumentException(
                        "workloads: " + workload.shown() + " twice (expected: once)");
            }
        }
        this.byPod = Map.copyOf(pods);
        this.byAccount = Map.copyOf(accounts);
        this.all = List.copyOf(workloads);
        this.complete = complete;
    }

    /** Knows no pod, and says so. */
    public static ConfiguredWorkloads none() {
        return new ConfiguredWorkloads(List.of(), false);
    }

    /** An entry for the pod itself comes before one for its account. */
    @Override
    public Optional<Pod> find(ServiceAccountName account, String podName, String podUid) {
        Optional<Workload> exact = Optional.ofNullable(byPod.get(key(account, podName)));
        return exact.or(() -> Optional.ofNullable(byAccount.get(account)))
                .map(workload -> workload.toPod(podName));
    }

    /** Entries that name a pod; one that stands for a whole account is shown by the account's name. */
    @Override
    public List<Pod> of(ServiceAccountName account) {
        List<Pod> pods = new ArrayList<>();
        for (Workload workload : all) {
            if (workload.account().equals(account)) {
                pods.add(workload.toPod(workload.pod().orElse(account.name())));
            }
        }
        return pods;
    }

    @Override
    public boolean isComplete() {
        return complete;
    }

    /** Accounts whose pods may renew by their certificate alone: for {@link AttestationRules}. */
    public Set<ServiceAccountName> renewWithoutToken() {
        return all.stream()
                .filter(Workload::renewWithoutToken)
                .map(Workload::account)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static String key(ServiceAccountName account, String podName) {
        return account.namespace() + "/" + podName; // pod names are unique in a namespace
    }

    /**
     * One entry.
     *
     * @param account the service account
     * @param pod the pod's name; empty: every pod of the account
     * @param labels policies select by them
     * @param addresses it calls from; empty: not compared
     * @param renewWithoutToken whether the account's pods have no token after their first contact
     */
    public record Workload(
            ServiceAccountName account,
            Optional<String> pod,
            Map<String, String> labels,
            Set<InetAddress> addresses,
            boolean renewWithoutToken) {
        public Workload {
            labels = Map.copyOf(labels);
            addresses = Set.copyOf(addresses);
            if (pod.isPresent() && !ServiceAccountName.isName(pod.get())) {
                throw new IllegalArgumentException(
                        "workloads.pod: \"" + pod.get() + "\" (expected: an RFC 1123 subdomain)");
            }
        }

        Pod toPod(String name) {
            return new Pod(
                    account,
                    Optional.empty(),
                    name,
                    Optional.empty(),
                    Optional.empty(),
                    false,
                    labels,
                    addresses);
        }

        String shown() {
            return account + pod.map(name -> " pod " + name).orElse("");
        }
    }
}
