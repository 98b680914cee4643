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
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
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

    @Mixin private MeshOptions mesh = new MeshOptions();

    private final Map<AuthorizationPolicy, Place> places = new LinkedHashMap<>();
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
            if (workloads != null) {
                warnOfNobody(WorkloadsFile.read(workloads));
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
                places.put(policy, Place.of(file, content, policy.name()));
            }
            parsed.peerAuthentications()
                    .forEach(one -> checkUnique(file, "PeerAuthentication", one.group(), one.id()));
            parsed.requestAuthentications()
                    .forEach(one ->
                            checkUnique(file, "RequestAuthentication", one.group(), one.id()));
            warnings.addAll(parsed.warnings());
            hints.addAll(parsed.hints());
        } catch (PolicyRefused e) {
            problems.addAll(e.problems());
        }
    }

    private void warnOfNobody(List<Destination> known) {
        PolicySet set =
                PolicySet.of(
                        0, mesh.settings(), List.copyOf(places.keySet()), InstantSource.system());
        List<Workload> all = known.stream().map(Destination::workload).toList();
        for (AuthorizationPolicy policy : Selections.ofNobody(set, all)) {
            Place place = places.getOrDefault(policy, new Place("", 0));
            warnings.add(
                    new Notice(
                            place.file(),
                            place.line(),
                            "spec.selector",
                            "SELECTS_NOTHING",
                            policy.id(),
                            "applies to none of the "
                                    + all.size()
                                    + " workloads"
                                    + (policy.selector().isEmpty()
                                            ? ""
                                            : ": none in its scope has " + policy.selector())));
        }
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
                seen.size()
                        + " policies accepted in "
                        + files
                        + " files, "
                        + problems.size()
                        + " errors, "
                        + warnings.size()
                        + " warnings, "
                        + hints.size()
                        + " hints");
        out.flush();
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

    /** Where a policy stands. */
    private record Place(String file, int line) {
        /** The line of its name, from 1; 0 where none has it. */
        static Place of(Path file, byte[] content, String name) {
            String[] lines = new String(content, StandardCharsets.UTF_8).split("\n", -1);
            for (int i = 0; i < lines.length; i++) {
                if (lines[i].contains("name") && lines[i].contains(name)) {
                    return new Place(file.toString(), i + 1);
                }
            }
            return new Place(file.toString(), 0);
        }
    }
}
