package dev.countersign.server.cli.policy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Request;
import dev.countersign.policy.Workload;
import dev.countersign.policy.match.IpAddress;
import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Times;
import dev.countersign.wire.v1.Denial;
import dev.countersign.wire.v1.GetDenialRequest;
import dev.countersign.wire.v1.GetDenialResponse;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code countersign policy explain}. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = {
            "Why a request is allowed or denied: every policy that was considered, each clause, what"
                    + " decided, and the smallest change that would flip it.",
            "By the id that a denied caller was told, or for a request as you describe it."
        },
        footer = {
            "",
            "Examples:",
            "  countersign policy explain 7Q2FM4KX3B2T8WPC",
            "  countersign policy explain --from shop/guest --to shop/orders:8080 GET /orders/42",
            "  countersign policy explain --policies policies/ --trust-domain example.org \\",
            "      --from nobody --to shop/db:5432 --label app=db",
            "",
            "Exit codes: 0 explained, 1 not on record or refused, 2 usage."
        })
public final class PolicyExplainCommand implements Callable<Integer> {
    private static final int UNUSABLE = 2;

    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();
    @Mixin private PolicyInput input = new PolicyInput();
    @Mixin private RequestOptions described = new RequestOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(
            arity = "0..2",
            paramLabel = "ID | METHOD PATH",
            description =
                    "The id from the x-countersign-denied header; or with --from and --to the method"
                            + " and path, none of them for a TCP connection.")
    List<String> words = List.of();

    private final InstantSource clock = InstantSource.system();

    @Override
    public Integer call() {
        try {
            return described.given() ? explainDescribed() : explainDenial();
        } catch (PolicyFiles.UnusableFile e) {
            output.err().println(e.getMessage());
            output.err().flush();
            return UNUSABLE;
        }
    }

    private int explainDescribed() throws PolicyFiles.UnusableFile {
        if (words.size() == 1) {
            throw misused("'" + words.getFirst() + "' (expected: METHOD PATH, or neither for TCP)");
        }
        PolicyInput.Known known = input.read(admin, clock);
        Request request =
                described.request(
                        known.set().mesh(),
                        words.isEmpty() ? null : words.get(0),
                        words.isEmpty() ? null : words.get(1));
        for (Workload workload : described.destinations(known.workloads())) {
            print(new ExplanationScreen(known.set(), workload, request, clock));
        }
        return 0;
    }

    private void print(ExplanationScreen screen) {
        if (output.json()) {
            output.print(screen.document());
        } else {
            screen.lines().forEach(output.out()::println);
            output.out().flush();
        }
    }

    private int explainDenial() throws PolicyFiles.UnusableFile {
        if (words.size() != 1) {
            throw misused("expected: an id, or --from and --to with METHOD PATH");
        }
        GetDenialResponse answer =
                admin.call(stub ->
                        stub.getDenial(
                                GetDenialRequest.newBuilder()
                                        .setId(words.getFirst().strip())
                                        .build()));
        PolicyInput.Known known = input.read(admin, clock);
        ExplanationScreen now = asOfNow(answer.getDenial(), known);
        if (output.json()) {
            ObjectNode document = JsonNodeFactory.instance.objectNode();
            document.set("recorded", output.document(answer));
            document.set("now", now.document());
            output.print(document);
        } else {
            print(answer);
            now.summary().forEach(line -> output.out().println("  " + line));
            output.out().flush();
        }
        return 0;
    }

    /** The same request under the policies of now, with what was reported of it. */
    private ExplanationScreen asOfNow(Denial denial, PolicyInput.Known known) {
        PolicySet set = known.set();
        Request.Builder builder =
                denial.getProtocol().equals("tcp") ? Request.tcp() : Request.http();
        builder.sourcePrincipal(orNull(denial.getSourcePrincipal()))
                .sourceIp(IpAddress.parse(denial.getSourceAddress()))
                .port(denial.getDestinationPort())
                .method(orNull(denial.getMethod()))
                .host(orNull(denial.getHost()))
                .path(orNull(denial.getPath()));
        Workload workload =
                known.workloads().stream()
                        .filter(one ->
                                one.namespace().equals(denial.getDestinationNamespace())
                                        && one.serviceAccount()
                                                .equals(denial.getDestinationServiceAccount()))
                        .findFirst()
                        .orElseGet(() ->
                                new Workload(
                                        denial.getDestinationNamespace(),
                                        denial.getDestinationServiceAccount(),
                                        Map.of()));
        return new ExplanationScreen(set, workload, builder.build(), clock);
    }

    private void print(GetDenialResponse answer) {
        Denial denial = answer.getDenial();
        output.out()
                .println(
                        output.painted(Output.Colour.BAD, "DENIED")
                                + "  "
                                + caller(denial)
                                + " → "
                                + denial.getDestinationNamespace()
                                + "/"
                                + denial.getDestinationServiceAccount()
                                + ":"
                                + denial.getDestinationPort()
                                + "  "
                                + what(denial)
                                + "   "
                                + Times.text(denial.getFirstSeen())
                                + "  revision "
                                + denial.getRevision());
        output.out().println("  " + denial.getReason());
        denial.getExplanation().lines().forEach(line -> output.out().println("  " + line));
        output.out()
                .println(
                        "  the same denial "
                                + EdgeText.times(answer.getSameEdgeCount())
                                + " in the last 24 h, first at "
                                + Times.text(answer.getSameEdgeFirstSeen()));
    }

    private ParameterException misused(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static String caller(Denial denial) {
        return denial.getSourcePrincipal().isEmpty()
                ? "a caller without identity at " + denial.getSourceAddress()
                : denial.getSourcePrincipal();
    }

    private static String what(Denial denial) {
        return denial.getMethod().isEmpty()
                ? denial.getProtocol()
                : denial.getMethod() + " " + denial.getPath();
    }
}
