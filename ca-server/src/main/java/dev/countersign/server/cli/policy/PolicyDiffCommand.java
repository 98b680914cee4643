package dev.countersign.server.cli.policy;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.analysis.Destination;
import dev.countersign.policy.analysis.Destinations;
import dev.countersign.policy.analysis.PolicyDiff;
import dev.countersign.policy.analysis.Space;
import dev.countersign.policy.analysis.SymbolicPolicies;
import dev.countersign.policy.analysis.text.Automata;
import dev.countersign.policy.analysis.text.TooLarge;
import dev.countersign.server.cli.Output;
import dev.countersign.server.distribution.EnforcedAllow;
import dev.countersign.server.distribution.OpenGuard;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code countersign policy diff OLD NEW}. */
@Command(
        name = "diff",
        mixinStandardHelpOptions = true,
        description = {
            "Which requests two sets of policies decide differently: computed, not sampled; each"
                    + " class with a request that the engine confirms. Needs no server.",
            "Without --workloads it compares every kind of workload that selectors tell apart."
        },
        footer = {
            "",
            "Examples:",
            "  countersign policy diff policies/ new/",
            "  countersign policy diff policies/ new/ --workloads workloads.yaml --edges edges.json",
            "",
            "Exit codes: 0 every request is decided alike, 1 some are not (or it is unknown),",
            "2 usage, or a file cannot be used. With --exit-zero changes are 0 too."
        })
public final class PolicyDiffCommand implements Callable<Integer> {

    private static final int CHANGED = 1;
    private static final int UNUSABLE = 2;

    @Mixin private Output output = new Output();
    @Mixin private MeshOptions mesh = new MeshOptions();

    @Parameters(index = "0", paramLabel = "OLD", description = "Policies as they are: FILE or DIR.")
    private Path before = Path.of("");

    @Parameters(index = "1", paramLabel = "NEW", description = "Policies as they would be.")
    private Path after = Path.of("");

    @Option(
            names = "--workloads",
            paramLabel = "FILE",
            description =
                    "The workloads there are: a YAML list of {namespace, serviceAccount, labels,"
                            + " name, ports}.")
    private @Nullable Path workloads;

    @Option(
            names = "--edges",
            paramLabel = "FILE",
            description = "Recorded traffic: says how often requests of a class were seen.")
    private @Nullable Path edges;

    @Option(names = "--exit-zero", description = "Exit with 0 also where requests change.")
    private boolean exitZero;

    private final InstantSource clock = InstantSource.system();

    @Override
    public Integer call() {
        try {
            return compare();
        } catch (PolicyFiles.UnusableFile | TooLarge e) {
            output.err().println(e.getMessage());
            output.err().flush();
            return UNUSABLE;
        }
    }

    private int compare() throws PolicyFiles.UnusableFile {
        EdgesFile traffic = edges == null ? EdgesFile.NONE : EdgesFile.read(edges);
        MeshSettings settings = mesh.settings(traffic);
        checkSameMesh(settings, traffic);
        PolicyDocuments old = PolicyDocuments.read(List.of(before));
        PolicyDocuments fresh = PolicyDocuments.read(List.of(after));
        List<AuthorizationPolicy> both = new ArrayList<>(old.policies());
        both.addAll(fresh.policies());
        List<Destination> destinations =
                workloads == null
                        ? Destinations.classesOf(settings, both)
                        : WorkloadsFile.read(workloads);
        Progress progress = new Progress(output.err(), "workloads compared", destinations.size());
        SymbolicPolicies.Compiler compiler =
                new SymbolicPolicies.Compiler(
                        settings, clock.instant(), new Space(settings, new Automata()));
        PolicyDiff diff =
                new PolicyDiff(
                        compiled(compiler, settings, old),
                        compiled(compiler, settings, fresh),
                        workloads == null
                                ? List.of()
                                : Destinations.identities(settings, destinations),
                        edges == null ? null : traffic.seen());
        PolicyDiff.Result result = diff.run(destinations, one -> progress.done(1));
        List<OpenGuard.Door> opened =
                new OpenGuard(settings)
                        .doors(
                                EnforcedAllow.of(old.policies()),
                                fresh.policies(),
                                List.of(),
                                destinations.stream().map(Destination::workload).toList());
        print(new DiffScreen(result, opened, output, progress.time()));
        boolean same = result.changes().isEmpty() && result.unknowns().isEmpty();
        return same || exitZero ? 0 : CHANGED;
    }

    /** Traffic of another trust domain would pass for traffic that nobody saw. */
    private void checkSameMesh(MeshSettings settings, EdgesFile traffic)
            throws PolicyFiles.UnusableFile {
        String seen = traffic.trustDomain();
        if (!seen.isEmpty() && !seen.equals(settings.trustDomain())) {
            throw new PolicyFiles.UnusableFile(
                    edges
                            + ": traffic of trust domain "
                            + seen
                            + " (expected: of "
                            + settings.trustDomain()
                            + ", as --trust-domain says)");
        }
    }

    private SymbolicPolicies compiled(
            SymbolicPolicies.Compiler compiler, MeshSettings settings, PolicyDocuments documents) {
        return compiler.compile(
                documents.policies(), documents.doors(settings, mesh.unnamedPorts()));
    }

    private void print(DiffScreen screen) {
        if (output.json()) {
            output.print(screen.document());
        } else {
            screen.lines().forEach(output.out()::println);
            output.out().flush();
        }
    }
}
