package dev.countersign.policy.authentication;

import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.Compatibility;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.Workload;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** All PeerAuthentications of a mesh, and which of them decides. Immutable. */
public final class PeerAuthentications {
    /** By namespace, name and group, so that no order of files decides anything. */
    private static final Comparator<PeerAuthentication> BY_NAME =
            Comparator.comparing(PeerAuthentication::id).thenComparing(PeerAuthentication::group);

    private final MeshSettings mesh;
    private final List<PeerAuthentication> all;

    public PeerAuthentications(MeshSettings mesh, List<PeerAuthentication> all) {
        this.mesh = mesh;
        this.all = all.stream().sorted(BY_NAME).toList();
    }

    /** Every one of them, by name. */
    public List<PeerAuthentication> all() {
        return all;
    }

    /** Those that have a say for this workload: what its agent needs and no more. */
    public List<PeerAuthentication> applicableTo(Workload workload) {
        return all.stream().filter(one -> levelFor(one, workload).isPresent()).toList();
    }

    /** The mode of a port; {@code otherwise} where nobody says anything. Never UNSET by itself. */
    public MtlsMode modeFor(Workload workload, int port, MtlsMode otherwise) {
        return resolve(workload, port).map(Resolved::mode).orElse(otherwise);
    }

    /** As {@link #modeFor(Workload, int, MtlsMode)}, PERMISSIVE where nobody says anything. */
    public MtlsMode modeFor(Workload workload, int port) {
        return modeFor(workload, port, MtlsMode.PERMISSIVE);
    }

    /** The mode of a port and who set it; empty where nobody says anything. */
    public Optional<Resolved> resolve(Workload workload, int port) {
        for (Level level : Level.NEAREST_FIRST) {
            Optional<Resolved> found =
                    all.stream()
                            .filter(one -> levelFor(one, workload).equals(Optional.of(level)))
                            .map(one -> said(one, level, port))
                            .filter(one -> one.mode() != MtlsMode.UNSET)
                            .max(
                                    Comparator.comparing(Resolved::mode)
                                            .thenComparing(Resolved::by, BY_NAME.reversed()));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /**
     * Those that stand at one level with the same selector, so that the strictest of them wins and
     * the others say nothing. Several selectors that meet in one workload are not seen here.
     */
    public List<Conflict> conflicts() {
        Map<String, List<PeerAuthentication>> byPlace = new TreeMap<>();
        for (PeerAuthentication one : all) {
            String place = one.namespace() + " " + new TreeMap<>(one.selector());
            byPlace.computeIfAbsent(place, key -> new ArrayList<>()).add(one);
        }
        return byPlace.values().stream()
                .filter(same -> same.size() > 1)
                .map(same -> new Conflict(levelOf(same.getFirst()), same))
                .toList();
    }

    private static Resolved said(PeerAuthentication one, Level level, int port) {
        MtlsMode own = one.portModes().getOrDefault(port, MtlsMode.UNSET);
        boolean hasPorts = !one.selector().isEmpty();
        return own == MtlsMode.UNSET || !hasPorts
                ? new Resolved(one.mode(), level, false, one)
                : new Resolved(own, level, true, one);
    }

    private Optional<Level> levelFor(PeerAuthentication one, Workload workload) {
        Level level = levelOf(one);
        boolean inScope =
                switch (level) {
                    case MESH -> true;
                    case MESH_BY_SELECTOR -> !ignoresRootSelectors(one);
                    case NAMESPACE, WORKLOAD -> one.namespace().equals(workload.namespace());
                };
        return inScope && workload.labels().entrySet().containsAll(one.selector().entrySet())
                ? Optional.of(level)
                : Optional.empty();
    }

    private Level levelOf(PeerAuthentication one) {
        boolean root = one.namespace().equals(mesh.rootNamespaceOf(one.group()));
        if (one.selector().isEmpty()) {
            return root ? Level.MESH : Level.NAMESPACE;
        }
        return root ? Level.MESH_BY_SELECTOR : Level.WORKLOAD;
    }

    /** Istio takes no notice of them, whatever they say. */
    private boolean ignoresRootSelectors(PeerAuthentication one) {
        return one.group() == ApiGroup.ISTIO && mesh.compatibility() == Compatibility.ISTIO;
    }

    /** How far one reaches. */
    public enum Level {
        /** Root namespace, no selector. */
        MESH,
        /** Own namespace, no selector. */
        NAMESPACE,
        /** Root namespace, selector: workloads with these labels everywhere. */
        MESH_BY_SELECTOR,
        /** Own namespace, selector. */
        WORKLOAD;

        static final List<Level> NEAREST_FIRST = List.of(values()).reversed();
    }

    /**
     * A mode and who set it.
     *
     * @param byPort whether it was set for this very port
     */
    public record Resolved(MtlsMode mode, Level level, boolean byPort, PeerAuthentication by) {}

    /** Several that stand in one place; by name. */
    public record Conflict(Level level, List<PeerAuthentication> between) {
        public Conflict {
            between = List.copyOf(between);
        }
    }
}
