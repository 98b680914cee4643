package dev.countersign.server.cli.policy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.policy.cases.BadCaseTable;
import dev.countersign.policy.cases.CaseResult;
import dev.countersign.policy.cases.CaseRunner;
import dev.countersign.policy.cases.CaseTable;
import dev.countersign.server.cli.Output;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code countersign policy test FILE…}. */
@Command(
        name = "test",
        mixinStandardHelpOptions = true,
        description = {
            "Runs tables of decisions: policies, a request, and what must come of it.",
            "Policies are read under Istio's compatibility. Needs no server."
        },
        footer = {
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
            description = "A table: a JSON array of cases.")
    private List<Path> files = List.of();

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
            CaseTable table = CaseTable.read(PolicyFiles.read(file, MAX_BYTES));
            if (table.cases().isEmpty()) {
                throw new PolicyFiles.UnusableFile(
                        file + ": holds no cases (expected: at least one)");
            }
            return new FileTable(file, table);
        } catch (BadCaseTable e) {
            throw new PolicyFiles.UnusableFile(file + ": " + e.getMessage());
        }
    }

    private int run(List<FileTable> tables) {
        CaseRunner runner = new CaseRunner(InstantSource.system());
        int passed = 0;
        List<Failure> failures = new ArrayList<>();
        for (FileTable table : tables) {
            for (CaseResult result : runner.run(table.table())) {
                if (result instanceof CaseResult.Passed) {
                    passed++;
                } else {
                    failures.add(new Failure(table.file(), result));
                }
            }
        }
        if (output.json()) {
            printJson(passed, failures);
        } else {
            printText(passed, failures);
        }
        return failures.isEmpty() ? 0 : FAILED;
    }

    private void printText(int passed, List<Failure> failures) {
        PrintWriter out = output.out();
        for (Failure failure : failures) {
            out.println(
                    "FAILED  "
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
                    .put("file", failure.file().toString())
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
    private record Failure(Path file, CaseResult result) {

        String id() {
            return result.subject().id();
        }

        String name() {
            return result.subject().name();
        }

        String request() {
            return result.subject().request().describe();
        }

        String expected() {
            return result.subject().expectedAllowed() ? "allow" : "deny";
        }

        String got() {
            return result.got();
        }
    }
}
