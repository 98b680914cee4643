package dev.countersign.server.cli.policy;

import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.NormalizedPath;
import dev.countersign.policy.PathNormalizer;
import dev.countersign.policy.Workload;
import dev.countersign.policy.analysis.Callers;
import dev.countersign.policy.analysis.Destination;
import dev.countersign.policy.analysis.Destinations;
import dev.countersign.policy.analysis.Finding;
import dev.countersign.policy.analysis.PolicyAnalysis;
import dev.countersign.policy.analysis.Reachability;
import dev.countersign.policy.analysis.Reachability.Answer;
import dev.countersign.policy.analysis.Reachability.Question;
import dev.countersign.policy.analysis.text.TooLarge;
import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code countersign policy analyze}. */
@Command(
        name = "analyze",
        mixinStandardHelpOptions = true,
        description = {
            "Looks through policies for rules that never decide, doors that stand open and workloads"
                    + " that no policy knows; answers who can reach whom, with a request or a proof.",
            "Decided exactly: identities, addresses, ports, methods, hosts, paths and headers as"
                    + " exact values, prefixes, suffixes and templates. Claims, expressions and"
                    + " answers of providers are left open: “possible if”. Callers without identity"
                    + " get in where a PeerAuthentication lets plaintext in."
        },
        footer = {
            "",
            "Examples:",
            "  countersign policy analyze                       those in force at the server",
            "  countersign policy analyze policies/ --workloads workloads.yaml",
            "  countersign policy analyze policies/ --from shop/guest --to shop/orders:8080 \\",
            "      --method GET --path /orders/42",
            "  countersign policy analyze policies/ --who-can-reach shop/orders",
            "",
            "Exit codes: 0 no likely mistake, or yes; 1 a likely mistake, no, or unknown; 2 usage,",
            "or a file cannot be used."
        })
public final class PolicyAnalyzeCommand implements Callable<Integer> {

    private static final int BAD = 1;
    private static final int UNUSABLE = 2;

    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin private Output output = new Output();
    @Mixin private MeshOptions mesh = new MeshOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(
            arity = "0..*",
            paramLabel = "FILE|DIR",
            description = "Policies (default: those in force at the server).")
    private List<Path> files = List.of();

    @Option(
            names = "--workloads",
            paramLabel = "FILE",
            description =
                    "The workloads there are: a YAML list of {namespace, serviceAccount, labels,"
                            + " name, ports} (default: those the server knows; of files every kind"
                            + " that selectors tell apart).")
    private @Nullable Path workloads;

    @Option(
            names = "--ignore",
            paramLabel = "CODE",
            split = ",",
            description = "Leave findings of these codes out.")
    private Set<Finding.Code> ignored = new HashSet<>();

    @Option(names = "--all", description = "Show every note, not the first 20.")
    private boolean all;

    @Option(
            names = "--from",
            paramLabel = "CALLER",
            description =
                    "Ask what this caller can reach: namespace/service-account, namespace/*, a"
                            + " SPIFFE ID, * for any identity, nobody for plaintext.")
    private @Nullable String from;

    @Option(
            names = "--to",
            paramLabel = "WORKLOAD[:PORT]",
            description = "With --from: whom it wants to reach.")
    private @Nullable String to;

    @Option(names = "--method", paramLabel = "NAME", description = "Only requests of this method.")
    private @Nullable String method;

    @Option(names = "--path", paramLabel = "PATH", description = "Only requests of this path.")
    private @Nullable String path;

    @Option(
            names = "--who-can-reach",
            paramLabel = "WORKLOAD[:PORT]",
            description = "Ask who can reach this workload.")
    private @Nullable String whoCanReach;

    @Option(
            names = "--label",
            paramLabel = "KEY=VALUE",
            description = "A label of the workload asked about (default: as it is known).")
    private Map<String, String> labels = new LinkedHashMap<>();

    private final InstantSource clock = InstantSource.system();

    @Override
    public Integer call() {
        boolean asks = from != null || to != null || whoCanReach != null;
        if (asks && ((from == null) != (to == null) || (to != null && whoCanReach != null))) {
            throw misused("expected: --from with --to, or --who-can-reach");
        }
        try {
            Progress progress = new Progress(output.err(), "workloads analysed", 0);
            AnalysisSubject subject =
                    files.isEmpty()
                            ? AnalysisSubject.inForce(admin, workloads, clock)
                            : AnalysisSubject.written(files, mesh, workloads, clock);
            return asks ? ask(subject) : analyze(subject, progress);
        } catch (PolicyFiles.UnusableFile | TooLarge e) {
            output.err().println(e.getMessage());
            output.err().flush();
            return UNUSABLE;
        }
    }

    private int analyze(AnalysisSubject subject, Progress reading) {
        Progress progress =
                new Progress(output.err(), "workloads analysed", subject.destinations().size());
        PolicyAnalysis.Result result =
                new PolicyAnalysis(subject.policies(), subject.destinations(), subject.isComplete())
                        .run(progress::done);
        List<Finding> findings =
                result.findings().stream().filter(one -> !ignored.contains(one.code())).toList();
        AnalysisScreen screen = new AnalysisScreen(result, findings, output, reading.time(), all);
        if (output.json()) {
            output.print(screen.document());
        } else {
            screen.lines().forEach(output.out()::println);
            output.out().flush();
        }
        return screen.bad() > 0 || !result.unknowns().isEmpty() ? BAD : 0;
    }

    private int ask(AnalysisSubject subject) {
        Target target = target(to != null ? to : whoCanReach + "");
        Destination destination = destination(subject, target.name());
        MeshSettings settings = subject.policies().mesh();
        Question question =
                Callers.question(
                                settings,
                                subject.policies().space(),
                                from,
                                target.port(),
                                method,
                                path == null ? null : normal(settings, path))
                        .orElseThrow(() ->
                                misused(
                                        "--from: '"
                                                + from
                                                + "' (expected: namespace/service-account,"
                                                + " namespace/*, a SPIFFE ID, * or"
                                                + " nobody)"));
        List<String> identities =
                subject.isComplete()
                        ? Destinations.identities(settings, subject.destinations())
                        : List.of();
        Answer answer = new Reachability(subject.policies(), identities).ask(destination, question);
        ReachScreen screen =
                new ReachScreen(destination, from == null ? "anyone" : from, answer, output);
        if (output.json()) {
            output.print(screen.document());
        } else {
            screen.lines().forEach(output.out()::println);
            output.out().flush();
        }
        return answer instanceof Answer.Reachable ? 0 : BAD;
    }

    private Destination destination(AnalysisSubject subject, String name) {
        int slash = name.indexOf('/');
        if (!labels.isEmpty() && slash > 0) {
            Workload workload =
                    new Workload(name.substring(0, slash), name.substring(slash + 1), labels);
            return new Destination(name, workload, List.of(), false);
        }
        Destination found = subject.find(name);
        if (found == null) {
            throw misused(
                    "'"
                            + name
                            + "' (expected: one of "
                            + String.join(
                                    ", ",
                                    subject.destinations().stream()
                                            .map(Destination::name)
                                            .limit(10)
                                            .toList())
                            + "; or namespace/service-account with its --label KEY=VALUE)");
        }
        return found;
    }

    private Target target(String text) {
        try {
            return Target.parse(text);
        } catch (IllegalArgumentException e) {
            throw misused(String.valueOf(e.getMessage()));
        }
    }

    private String normal(MeshSettings settings, String target) {
        return switch (PathNormalizer.normalize(settings.pathNormalization(), target)) {
            case NormalizedPath.Ok ok -> ok.path();
            case NormalizedPath.Refused refused ->
                    throw misused("--path: '" + target + "' is answered with 400: " + refused);
        };
    }

    private ParameterException misused(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
