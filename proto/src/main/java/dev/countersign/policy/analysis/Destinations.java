package dev.countersign.policy.analysis;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.Workload;
import dev.countersign.policy.analysis.text.TooLarge;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The workloads that policies tell apart: one for each set of labels that some selectors ask for
 * together, in each namespace that is named, and one in a namespace that no policy names.
 */
public final class Destinations {

    /** How many classes a namespace may have before they are not listed any more. */
    public static final int MOST_CLASSES = 5_000;

    private Destinations() {}

    /**
     * The classes, sorted by name.
     *
     * @throws TooLarge if selectors of one namespace combine in more than {@link #MOST_CLASSES} ways
     */
    public static List<Destination> classesOf(
            MeshSettings mesh, Collection<AuthorizationPolicy> policies) {
        SortedMap<String, Set<Map<String, String>>> selectors = new TreeMap<>();
        Set<Map<String, String>> everywhere = new LinkedHashSet<>();
        for (AuthorizationPolicy policy : policies) {
            if (!policy.targetRefs().isEmpty()) {
                continue;
            }
            boolean root = policy.namespace().equals(mesh.rootNamespaceOf(policy.group()));
            if (root) {
                everywhere.add(policy.selector());
            }
            selectors
                    .computeIfAbsent(policy.namespace(), key -> new LinkedHashSet<>())
                    .add(policy.selector());
        }
        List<Destination> destinations = new ArrayList<>();
        selectors.forEach((namespace, own) -> {
            own.addAll(everywhere);
            addClasses(namespace, namespace, own, destinations);
        });
        if (!everywhere.isEmpty()) {
            addClasses(
                    "(any other namespace)", unnamed(selectors.keySet()), everywhere, destinations);
        }
        return destinations;
    }

    /** A workload by the words for it: its name, or namespace and service account; or null. */
    public static @Nullable Destination find(Collection<Destination> among, String name) {
        for (Destination one : among) {
            String account = one.workload().namespace() + "/" + one.workload().serviceAccount();
            if (one.name().equals(name) || account.equals(name)) {
                return one;
            }
        }
        return null;
    }

    private static void addClasses(
            String label,
            String namespace,
            Set<Map<String, String>> selectors,
            List<Destination> into) {
        Set<SortedMap<String, String>> classes = new LinkedHashSet<>();
        classes.add(new TreeMap<>());
        for (Map<String, String> selector : selectors) {
            List<SortedMap<String, String>> more = new ArrayList<>();
            for (SortedMap<String, String> labels : classes) {
                SortedMap<String, String> both = joined(labels, selector);
                if (both != null) {
                    more.add(both);
                }
            }
            classes.addAll(more);
            if (classes.size() > MOST_CLASSES) {
                throw new TooLarge(
                        "the selectors in "
                                + namespace
                                + " combine in more than "
                                + MOST_CLASSES
                                + " ways");
            }
        }
        SortedMap<String, Destination> sorted = new TreeMap<>();
        for (SortedMap<String, String> labels : classes) {
            String name = label + "/" + name(labels);
            sorted.put(
                    name,
                    new Destination(
                            name,
                            new Workload(namespace, account(labels), labels),
                            List.of(),
                            true));
        }
        into.addAll(sorted.values());
    }

    private static @Nullable SortedMap<String, String> joined(
            Map<String, String> labels, Map<String, String> selector) {
        SortedMap<String, String> both = new TreeMap<>(labels);
        for (Map.Entry<String, String> one : selector.entrySet()) {
            String other = both.put(one.getKey(), one.getValue());
            if (other != null && !other.equals(one.getValue())) {
                return null;
            }
        }
        return both;
    }

    private static String name(SortedMap<String, String> labels) {
        if (labels.isEmpty()) {
            return "*";
        }
        List<String> parts = new ArrayList<>();
        labels.forEach((key, value) -> parts.add(key + "=" + value));
        return String.join(",", parts);
    }

    /** Labels say what a workload is, its account is anybody's guess. */
    private static String account(SortedMap<String, String> labels) {
        return labels.getOrDefault("app", "default");
    }

    private static String unnamed(Set<String> namespaces) {
        Set<String> taken = new HashSet<>(namespaces);
        String name = "other";
        while (taken.contains(name)) {
            name += "-other";
        }
        return name;
    }

    /** The identities of these workloads, to show as callers. */
    public static List<String> identities(MeshSettings mesh, Collection<Destination> destinations) {
        Set<String> identities = new TreeSet<>();
        for (Destination one : destinations) {
            identities.add(
                    mesh.trustDomain()
                            + "/ns/"
                            + one.workload().namespace()
                            + "/sa/"
                            + one.workload().serviceAccount());
        }
        return List.copyOf(identities);
    }
}
