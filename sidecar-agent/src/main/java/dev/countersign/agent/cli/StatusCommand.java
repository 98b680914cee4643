package dev.countersign.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.runtime.CommandLineRunner;
import dev.countersign.runtime.ConfigRefused;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What an agent on this host says of itself; exit code 0 = ready, 1 = not. */
@Command(name = "status", description = "Show how the agent on this host is.")
public final class StatusCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Mixin private AgentPlace place = new AgentPlace();

    @Option(names = "--output", description = "text or json", defaultValue = "text")
    private Output output = Output.TEXT;

    @Override
    public Integer call() throws IOException, ConfigRefused {
        JsonNode status = AgentPages.get(place.ops(), "--ops", "/status");
        JsonNode ready = AgentPages.get(place.ops(), "--ops", "/healthz/ready");
        PrintWriter out = spec.commandLine().getOut();
        switch (output) {
            case TEXT -> print(out, status, ready);
            case JSON ->
                    out.println(
                            AgentPages.JSON
                                    .createObjectNode()
                                    .<com.fasterxml.jackson.databind.node.ObjectNode>set(
                                            "status", status)
                                    .set("health", ready)
                                    .toPrettyString());
        }
        return ready.path("ready").asBoolean() ? CommandLineRunner.OK : CommandLineRunner.FAILED;
    }

    private static void print(PrintWriter out, JsonNode status, JsonNode ready) {
        JsonNode certificate = status.path("certificate");
        JsonNode subscription = status.path("subscription");
        JsonNode decisions = status.path("decisions");
        out.println(ready.path("ready").asBoolean() ? "ready" : "NOT READY");
        row(
                out,
                "certificate",
                certificate.has("id")
                        ? certificate.path("id").asText()
                                + "  serial "
                                + certificate.path("serial").asText()
                        : "none");
        if (certificate.has("notAfter")) {
            row(
                    out,
                    "",
                    "until "
                            + certificate.path("notAfter").asText()
                            + "  renewal at "
                            + certificate.path("renewAt").asText()
                            + "  rotations "
                            + certificate.path("rotations").asText());
        }
        row(
                out,
                "policies",
                "revision "
                        + subscription.path("revision").asText()
                        + (subscription.path("connected").asBoolean()
                                ? "  subscribed"
                                : "  no subscription")
                        + "  bundle epoch "
                        + subscription.path("bundleEpoch").asText());
        row(
                out,
                "decisions",
                decisions.path("allowed").asText()
                        + " allowed, "
                        + decisions.path("denied").asText()
                        + " denied since the start");
        row(out, "connections", status.path("openConnections").asText() + " open");
        status.path("listeners")
                .properties()
                .forEach(each -> row(out, each.getKey(), each.getValue().asText()));
        ready.path("parts")
                .properties()
                .forEach(part -> {
                    if (part.getValue().has("reason")) {
                        row(
                                out,
                                part.getValue().path("state").asText(),
                                part.getKey() + ": " + part.getValue().path("reason").asText());
                    }
                });
    }

    private static void row(PrintWriter out, String name, String value) {
        out.printf("  %-12s %s%n", name, value);
    }
}
