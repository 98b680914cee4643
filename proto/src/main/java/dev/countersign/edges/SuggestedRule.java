package dev.countersign.edges;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Callers that do the same, and what they do.
 *
 * @param callers principals without scheme, sorted, each with what was seen of it
 * @param operations sorted
 */
record SuggestedRule(SortedMap<String, Evidence> callers, List<Operation> operations) {

    /** How often, and when last. */
    record Evidence(long count, Instant last) {
        Evidence and(Evidence other) {
            return new Evidence(count + other.count, last.isAfter(other.last) ? last : other.last);
        }

        static Evidence of(ObservedEdge edge) {
            return new Evidence(edge.count(), edge.lastSeen());
        }
    }

    /**
     * One operation: every method with every path, so that each pair was seen.
     *
     * @param methods none = any, and all of TCP
     * @param paths none for TCP; each with what was seen of it
     */
    record Operation(
            int port, SortedSet<String> methods, SortedMap<String, Evidence> paths, Evidence all) {
        private String key() {
            return port + " " + methods + " " + paths.keySet();
        }
    }

    /** What one caller did on one port: for each method, the paths. */
    private static final class Doing {
        private final SortedMap<Integer, SortedMap<String, SortedMap<String, Evidence>>> http =
                new TreeMap<>();
        private final SortedMap<Integer, Evidence> tcp = new TreeMap<>();

        void add(ObservedEdge edge) {
            Evidence seen = Evidence.of(edge);
            if (!edge.isHttp()) {
                tcp.merge(edge.port(), seen, Evidence::and);
                return;
            }
            http.computeIfAbsent(edge.port(), port -> new TreeMap<>())
                    .computeIfAbsent(edge.method(), method -> new TreeMap<>())
                    .merge(edge.pathTemplate(), seen, Evidence::and);
        }

        /** Apart from those of HTTP: a rule that looks at HTTP allows no TCP connection at all. */
        List<Operation> ofTcp() {
            List<Operation> operations = new ArrayList<>();
            tcp.forEach((port, seen) ->
                    operations.add(new Operation(port, new TreeSet<>(), new TreeMap<>(), seen)));
            return operations;
        }

        List<Operation> ofHttp() {
            List<Operation> operations = new ArrayList<>();
            http.forEach((port, methods) -> operations.addAll(operations(port, methods)));
            return operations;
        }

        /** Methods with the same paths are one operation. */
        private static List<Operation> operations(
                int port, SortedMap<String, SortedMap<String, Evidence>> methods) {
            SortedMap<String, Operation> byPaths = new TreeMap<>();
            methods.forEach((method, paths) -> {
                boolean any = method.equals(ReportedEdge.ANY);
                SortedSet<String> names = new TreeSet<>();
                if (!any) {
                    names.add(method);
                }
                Operation one = new Operation(port, names, paths, sum(paths));
                byPaths.merge(any + " " + paths.keySet(), one, Doing::both);
            });
            return List.copyOf(byPaths.values());
        }

        private static Operation both(Operation one, Operation other) {
            SortedSet<String> methods = new TreeSet<>(one.methods());
            methods.addAll(other.methods());
            SortedMap<String, Evidence> paths = new TreeMap<>(one.paths());
            other.paths().forEach((path, seen) -> paths.merge(path, seen, Evidence::and));
            return new Operation(one.port(), methods, paths, one.all().and(other.all()));
        }
    }

    /** The rules for allowed edges of one destination, in a fixed order. */
    static List<SuggestedRule> of(List<ObservedEdge> edges) {
        SortedMap<String, Doing> callers = new TreeMap<>();
        for (ObservedEdge edge : edges) {
            if (edge.ruling().allowed() && !edge.source().isEmpty()) {
                String principal = edge.source().replaceFirst("^spiffe://", "");
                callers.computeIfAbsent(principal, caller -> new Doing()).add(edge);
            }
        }
        SortedMap<String, SuggestedRule> byDoing = new TreeMap<>();
        callers.forEach((caller, doing) -> {
            enter(byDoing, caller, doing.ofTcp());
            enter(byDoing, caller, doing.ofHttp());
        });
        return byDoing.values().stream()
                .sorted(
                        Comparator.comparing((SuggestedRule rule) -> rule.callers().firstKey())
                                .thenComparing(rule -> rule.operations().getFirst().key()))
                .toList();
    }

    private static void enter(
            SortedMap<String, SuggestedRule> byDoing, String caller, List<Operation> operations) {
        if (operations.isEmpty()) {
            return;
        }
        SortedMap<String, Evidence> one = new TreeMap<>();
        one.put(
                caller,
                operations.stream()
                        .map(Operation::all)
                        .reduce(new Evidence(0, Instant.MIN), Evidence::and));
        byDoing.merge(
                operations.stream().map(Operation::key).toList().toString(),
                new SuggestedRule(one, operations),
                SuggestedRule::both);
    }

    private static SuggestedRule both(SuggestedRule one, SuggestedRule other) {
        SortedMap<String, Evidence> callers = new TreeMap<>(one.callers());
        callers.putAll(other.callers());
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < one.operations().size(); i++) {
            operations.add(Doing.both(one.operations().get(i), other.operations().get(i)));
        }
        return new SuggestedRule(callers, operations);
    }

    private static Evidence sum(Map<String, Evidence> paths) {
        return paths.values().stream().reduce(new Evidence(0, Instant.MIN), Evidence::and);
    }
}
