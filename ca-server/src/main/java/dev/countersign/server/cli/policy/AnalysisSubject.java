package dev.countersign.server.cli.policy;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.Workload;
import dev.countersign.policy.analysis.Destination;
import dev.countersign.policy.analysis.Destinations;
import dev.countersign.policy.analysis.PlaintextDoors;
import dev.countersign.policy.analysis.Space;
import dev.countersign.policy.analysis.SymbolicPolicies;
import dev.countersign.policy.analysis.text.Automata;
import dev.countersign.policy.authentication.MtlsMode;
import dev.countersign.server.cli.AdminConnection;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an analysis is about.
 *
 * @param isComplete whether the destinations are the workloads there are, not kinds of them
 */
record AnalysisSubject(
        SymbolicPolicies policies, List<Destination> destinations, boolean isComplete) {
    AnalysisSubject {
        destinations = List.copyOf(destinations);
    }

    /** What the server decides with, and the workloads that it knows. */
    static AnalysisSubject inForce(
            AdminConnection admin, @Nullable Path workloads, InstantSource clock)
            throws PolicyFiles.UnusableFile {
        PolicyInput.Known known = PolicyInput.inForce(admin, clock);
        MeshSettings settings = known.set().mesh();
        MtlsMode otherwise =
                switch (settings.compatibility()) {
                    case COUNTERSIGN -> MtlsMode.STRICT;
                    case ISTIO -> MtlsMode.PERMISSIVE;
                };
        return of(
                settings,
                known.set().policies(),
                new PlaintextDoors(known.peers(), otherwise),
                workloads == null
                        ? known.workloads().stream().map(AnalysisSubject::destination).toList()
                        : WorkloadsFile.read(workloads),
                clock);
    }

    /** What files say. */
    static AnalysisSubject written(
            List<Path> files, MeshOptions mesh, @Nullable Path workloads, InstantSource clock)
            throws PolicyFiles.UnusableFile {
        PolicyDocuments documents = PolicyDocuments.read(files);
        MeshSettings settings = mesh.settings();
        return of(
                settings,
                documents.policies(),
                documents.doors(settings, mesh.unnamedPorts()),
                workloads == null ? List.of() : WorkloadsFile.read(workloads),
                clock);
    }

    /** By its name; null where there is none. */
    @Nullable Destination find(String name) {
        return Destinations.find(destinations, name);
    }

    private static AnalysisSubject of(
            MeshSettings settings,
            List<AuthorizationPolicy> policies,
            PlaintextDoors doors,
            List<Destination> known,
            InstantSource clock) {
        SymbolicPolicies set =
                new SymbolicPolicies.Compiler(
                                settings, clock.instant(), new Space(settings, new Automata()))
                        .compile(policies, doors);
        return known.isEmpty()
                ? new AnalysisSubject(set, Destinations.classesOf(settings, policies), false)
                : new AnalysisSubject(set, known, true);
    }

    private static Destination destination(Workload one) {
        return new Destination(one.namespace() + "/" + one.serviceAccount(), one, List.of(), false);
    }
}
