package dev.countersign.server.cli.policy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.policy.cases.BadCaseTable;
import dev.countersign.policy.cases.CaseResult;
import dev.countersign.policy.cases.CaseRunner;
import dev.countersign.policy.cases.CaseTable;
import dev.countersign.server.cli.Output;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
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

/** {@code countersign policy test FILE…}. */
@Command(
        name = "test",
        mixinStandardHelpOptions = true,
        description = {
            "Runs tests of policies: policies, a request, and what must come of it.",
            "A test file is YAML of kind PolicyTest, or a JSON table of cases, which is read under"
                    + " Istio's compatibility. Needs no server."
        },
        footer = {
            "",
            "A test file:",
            "  apiVersion: countersign.dev/v1",
            "  kind: PolicyTest",
            "  mesh: {trustDomain: example.org}",
            "  policies: [orders.yaml]         # beside the test file; or written out here",
            "  workloads:",
            "    orders: {namespace: shop, serviceAccount: orders, labels: {app: orders}}",
            "  tests:",
            "  - name: web reads orders",
            "    from: shop/web                # or spiffe://…, or nobody",
            "    to: orders",
            "    port: 8080                    # protocol: http, grpc or tcp",
            "    request: GET /orders/42       # host, headers, claims, sourceIp, at, …",
            "    expect: allow                 # or {decision: deny, policy: shop/p, rule: 0}",
            "",
            "Exit codes: 0 every case passed, 1 a case failed, 2 a table cannot be used."
        })
public final class PolicyTestCommand implements Callable<Integer> {

    private static final int FAILED = 1;
    private static final int UNUSABLE = 2;
    private static final long MAX_BYTES = 64L << 20;

    @Mixin private Output output = new Output();

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE",
            description = "A test file (YAML), or a table of cases (JSON).")
    private List<Path> files = List.of();

    @Option(
            names = "--junit",
            paramLabel = "XML",
            description = "Also write the results as JUnit XML, for pipelines.")
    private @Nullable Path junit;

    @Override
    public Integer call() {
        List<FileTable> tables = new ArrayList<>();
        boolean usable = true;
        for (Path file : files) {
            try {
                tables.add(load(file));
            } catch (PolicyFiles.UnusableFile e) {
                usable = false;
                output.err().println(e.getMessage());
            }
        }
        output.err().flush();
        return usable ? run(tables) : UNUSABLE;
    }

    private static FileTable load(Path file) throws PolicyFiles.UnusableFile {
        try {
            CaseTable table =
                    CaseTable.read(
                            file.toString(),
                            PolicyFiles.read(file, MAX_BYTES),
                            reference -> beside(file, reference));
            if (table.cases().isEmpty()) {
                throw new PolicyFiles.UnusableFile(
                        file + ": holds no cases (expected: at least one)");
            }
            return new FileTable(file, table);
        } catch (BadCaseTable e) {
            throw new PolicyFiles.UnusableFile(file + ": " + e.getMessage());
        }
    }

    /** The policies that a test file names, seen from where it stands. */
    private static List<CaseTable.PolicyFile> beside(Path testFile, String reference)
            throws BadCaseTable {
        List<CaseTable.PolicyFile> found = new ArrayList<>();
        try {
            for (Path file : PolicyFiles.expand(List.of(testFile.resolveSibling(reference)))) {
                found.add(
                        new CaseTable.PolicyFile(
                                file.toString(), PolicyFiles.read(file, MAX_BYTES)));
            }
        } catch (PolicyFiles.UnusableFile e) {
            throw new BadCaseTable("policies: " + e.getMessage());
        }
        return found;
    }

    private int run(List<FileTable> tables) {
        CaseRunner runner = new CaseRunner(InstantSource.system());
        List<JunitReport.Suite> suites = new ArrayList<>();
        for (FileTable table : tables) {
            suites.add(new JunitReport.Suite(table.file().toString(), runner.run(table.table())));
        }
        int passed = 0;
        List<Failure> failures = new ArrayList<>();
        for (JunitReport.Suite suite : suites) {
            for (CaseResult result : suite.results()) {
                if (result instanceof CaseResult.Passed) {
                    passed++;
                } else {
                    failures.add(new Failure(suite.file(), result));
                }
            }
        }
        if (output.json()) {
            printJson(passed, failures);
        } else {
            printText(passed, failures);
        }
        if (junit != null && !write(junit, suites)) {
            return UNUSABLE;
        }
        return failures.isEmpty() ? 0 : FAILED;
    }

    private boolean write(Path file, List<JunitReport.Suite> suites) {
        try {
            Files.write(file, JunitReport.of(suites));
            return true;
        } catch (IOException e) {
            output.err().println(file + ": cannot be written: " + e.getMessage());
            output.err().flush();
            return false;
        }
    }

    private void printText(int passed, List<Failure> failures) {
        PrintWriter out = output.out();
        for (Failure failure : failures) {
            out.println(
                    output.painted(Output.Colour.BAD, "FAILED")
                            + "  "
                            + failure.id()
                            + "  "
                            + failure.name()
                            + "  ("
                            + failure.file()
                            + ")");
            out.println("  request   " + failure.request());
            out.println("  expected  " + failure.expected());
            out.println("  got       " + failure.got());
        }
        out.println(passed + " passed, " + failures.size() + " failed");
        out.flush();
    }

    private void printJson(int passed, List<Failure> failures) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("passed", passed);
        document.put("failed", failures.size());
        ArrayNode list = document.putArray("failures");
        for (Failure failure : failures) {
            list.addObject()
                    .put("file", failure.file())
                    .put("id", failure.id())
                    .put("name", failure.name())
                    .put("request", failure.request())
                    .put("expected", failure.expected())
                    .put("got", failure.got());
        }
        output.print(document);
    }

    /** A table and the file it came from. */
    private record FileTable(Path file, CaseTable table) {}

    /** A case that did not come out as expected. */
    private record Failure(String file, CaseResult result) {

        String id() {
            return result.subject().id();
        }

        String name() {
            return result.subject().name();
        }

        String request() {
            return result.subject().describe();
        }

        String expected() {
            return result.subject().expected();
        }

        String got() {
            return result.got();
        }
    }
}
