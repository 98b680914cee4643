package dev.countersign.server.cli.policy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Workload;
import dev.countersign.policy.analysis.Destination;
import dev.countersign.policy.parse.Notice;
import dev.countersign.policy.parse.ParsedPolicies;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import dev.countersign.policy.parse.Problem;
import dev.countersign.policy.parse.Selections;
import dev.countersign.server.cli.Output;
import dev.countersign.server.distribution.EnforcedAllow;
import dev.countersign.server.distribution.OpenGuard;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code countersign policy validate FILE|DIR…}. */
@Command(
        name = "validate",
        mixinStandardHelpOptions = true,
        description = {
            "Reads policy files as the server would, and says what is wrong with them.",
            "Needs no server. With --workloads also names the policies that are for nobody."
        },
        footer = {
            "",
            "Exit codes: 0 every file is accepted, 1 a file is refused, 2 a file cannot be used."
        })
public final class PolicyValidateCommand implements Callable<Integer> {

    private static final int REFUSED = 1;
    private static final int UNUSABLE = 2;

    /** Far above what is accepted, so that a large file gets the library's own refusal. */
    private static final long MAX_BYTES = 64L << 20;

    @Mixin private Output output = new Output();

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE|DIR",
            description = "Policy files, or directories of .yaml, .yml and .json files.")
    private List<Path> named = List.of();

    @Option(
            names = "--workloads",
            paramLabel = "FILE",
            description =
                    "The mesh's workloads, a YAML list of {namespace, serviceAccount, labels}: warns"
                            + " of policies that select none of them.")
    private @Nullable Path workloads;

    @Option(
            names = "--against",
            paramLabel = "FILE|DIR",
            description =
                    "The policies as they are: refuses, as the server does, what would turn a"
                            + " workload's last ALLOW into DryRun.")
    private @Nullable Path against;

    @Option(
            names = "--allow-open",
            description =
                    "With --against: only warn of that. At the server a policy says so itself, by"
                            + " the annotation countersign.dev/allow-open: \"true\".")
    private boolean allowOpen;

    @Mixin private MeshOptions mesh = new MeshOptions();

    private final Map<AuthorizationPolicy, PolicyPlace> places = new LinkedHashMap<>();
    private final List<AuthorizationPolicy> mayOpen = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private final List<Notice> warnings = new ArrayList<>();
    private final List<Notice> hints = new ArrayList<>();
    private final Map<String, Path> seen = new HashMap<>();

    @Override
    public Integer call() {
        List<Path> files;
        try {
            files = PolicyFiles.expand(named);
            for (Path file : files) {
                check(file, PolicyFiles.read(file, MAX_BYTES));
            }
            List<Destination> known = workloads == null ? List.of() : WorkloadsFile.read(workloads);
            if (workloads != null) {
                warnOfNobody(known);
            }
            if (against != null) {
                checkAgainst(PolicyDocuments.read(List.of(against)), known);
            }
        } catch (PolicyFiles.UnusableFile e) {
            output.err().println(e.getMessage());
            output.err().flush();
            return UNUSABLE;
        }
        if (output.json()) {
            printJson(files.size());
        } else {
            printText(files.size());
        }
        return problems.isEmpty() ? 0 : REFUSED;
    }

    private void check(Path file, byte[] content) {
        try {
            ParsedPolicies parsed = PolicyParser.parse(file.toString(), content);
            for (AuthorizationPolicy policy : parsed.policies()) {
                checkUnique(file, "AuthorizationPolicy", policy.group(), policy.id());
                places.put(policy, PolicyPlace.of(file, content, policy.name()));
            }
            parsed.peerAuthentications()
                    .forEach(one -> checkUnique(file, "PeerAuthentication", one.group(), one.id()));
            parsed.requestAuthentications()
                    .forEach(one ->
                            checkUnique(file, "RequestAuthentication", one.group(), one.id()));
            mayOpen.addAll(parsed.mayOpen());
            warnings.addAll(parsed.warnings());
            hints.addAll(parsed.hints());
            if (parsed.isEmpty()) {
                hints.add(
                        new Notice(
                                file.toString(), 0, "", "NO_POLICY", "", "holds no policy at all"));
            }
        } catch (PolicyRefused e) {
            problems.addAll(e.problems());
        }
    }

    private void warnOfNobody(List<Destination> known) {
        PolicySet set = PolicySet.of(0, mesh.settings(), all(), InstantSource.system());
        List<Workload> workloadsKnown = known.stream().map(Destination::workload).toList();
        for (AuthorizationPolicy policy : Selections.ofNobody(set, workloadsKnown)) {
            warn(
                    policy,
                    "spec.selector",
                    "SELECTS_NOTHING",
                    "applies to none of the "
                            + known.size()
                            + " workloads"
                            + (policy.selector().isEmpty()
                                    ? ""
                                    : ": none in its scope has " + policy.selector()));
        }
    }

    /** What the server refuses of a set that follows another. */
    private void checkAgainst(PolicyDocuments before, List<Destination> known) {
        List<OpenGuard.Door> doors =
                new OpenGuard(mesh.settings())
                        .doors(
                                EnforcedAllow.of(before.policies()),
                                all(),
                                List.of(),
                                known.stream().map(Destination::workload).toList());
        for (OpenGuard.Door door : doors) {
            String last = "it is the last ALLOW of " + door.place() + ", and " + door.effect();
            if (allowOpen || mayOpen.contains(door.policy())) {
                warn(
                        door.policy(),
                        "spec.mode",
                        Problem.Code.LAST_ALLOW_TO_DRY_RUN.toString(),
                        door.word() + ": " + last);
                continue;
            }
            PolicyPlace place = places.getOrDefault(door.policy(), PolicyPlace.UNKNOWN);
            problems.add(
                    new Problem(
                            place.file(),
                            place.line(),
                            "spec.mode",
                            Problem.Code.LAST_ALLOW_TO_DRY_RUN,
                            door.policy().id() + ": DryRun",
                            "Enforce, for "
                                    + last
                                    + "; or the annotation countersign.dev/allow-open: \"true\""));
        }
    }

    private void warn(AuthorizationPolicy policy, String path, String code, String message) {
        PolicyPlace place = places.getOrDefault(policy, PolicyPlace.UNKNOWN);
        warnings.add(new Notice(place.file(), place.line(), path, code, policy.id(), message));
    }

    private List<AuthorizationPolicy> all() {
        return List.copyOf(places.keySet());
    }

    private void checkUnique(Path file, String kind, ApiGroup group, String id) {
        Path earlier = seen.putIfAbsent(kind + " " + group + " " + id, file);
        if (earlier != null) {
            problems.add(
                    new Problem(
                            file.toString(),
                            0,
                            "metadata.name",
                            Problem.Code.DUPLICATE_POLICY,
                            id,
                            "each policy once; it stands in " + earlier + " already"));
        }
    }

    private void printText(int files) {
        PrintWriter out = output.out();
        problems.forEach(one -> out.println("error    " + one));
        warnings.forEach(one -> out.println("warning  " + one));
        hints.forEach(one -> out.println("hint     " + one));
        out.println(
                counted(seen.size(), "policy", "policies")
                        + " accepted in "
                        + counted(files, "file", "files")
                        + ", "
                        + counted(problems.size(), "error", "errors")
                        + ", "
                        + counted(warnings.size(), "warning", "warnings")
                        + ", "
                        + counted(hints.size(), "hint", "hints"));
        out.flush();
    }

    private static String counted(int count, String one, String many) {
        return count + " " + (count == 1 ? one : many);
    }

    private void printJson(int files) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("files", files);
        document.put("policies", seen.size());
        ArrayNode errors = document.putArray("errors");
        for (Problem one : problems) {
            errors.addObject()
                    .put("file", one.file())
                    .put("line", one.line())
                    .put("path", one.path())
                    .put("code", one.code().toString())
                    .put("value", one.value())
                    .put("expected", one.expected());
        }
        addNotices(document.putArray("warnings"), warnings);
        addNotices(document.putArray("hints"), hints);
        output.print(document);
    }

    private static void addNotices(ArrayNode array, List<Notice> notices) {
        for (Notice one : notices) {
            array.addObject()
                    .put("file", one.file())
                    .put("line", one.line())
                    .put("path", one.path())
                    .put("code", one.code())
                    .put("value", one.value())
                    .put("message", one.message());
        }
    }
}
