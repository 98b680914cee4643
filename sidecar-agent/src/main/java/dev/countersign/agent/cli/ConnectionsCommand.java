package dev.countersign.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.runtime.CommandLineRunner;
import dev.countersign.runtime.ConfigRefused;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The mTLS connections that an agent has open; exit code 1 when it does not answer. */
@Command(name = "connections", description = "List the agent's open connections, oldest first.")
public final class ConnectionsCommand implements Callable<Integer> {
    private static final List<String> COLUMNS =
            List.of(
                    "PEER",
                    "DIRECTION",
                    "PORT",
                    "PROTOCOL",
                    "AGE",
                    "REQUESTS",
                    "RECEIVED",
                    "SENT",
                    "ISSUER",
                    "SERIAL");
    private static final int SHORT = 12;
    private static final long KILO = 1000;

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private AgentPlace place = new AgentPlace();

    @Option(names = "--output", description = "text or json", defaultValue = "text")
    private Output output = Output.TEXT;

    @Option(names = "--peer", description = "Only of this SPIFFE ID, or of those that contain it")
    private @Nullable String peer;

    @Override
    public Integer call() throws IOException, ConfigRefused {
        JsonNode page = AgentPages.get(place.admin(), "--admin", "/connections");
        List<JsonNode> rows = new ArrayList<>();
        for (JsonNode row : page.path("connections")) {
            if (peer == null || row.path("peer").asText().contains(peer)) {
                rows.add(row);
            }
        }
        rows.sort(Comparator.comparing(row -> row.path("since").asText()));
        PrintWriter out = spec.commandLine().getOut();
        switch (output) {
            case JSON ->
                    out.println(
                            AgentPages.JSON
                                    .createObjectNode()
                                    .<com.fasterxml.jackson.databind.node.ObjectNode>set(
                                            "connections",
                                            AgentPages.JSON.createArrayNode().addAll(rows))
                                    .toPrettyString());
            case TEXT -> print(out, rows, Instant.parse(page.path("now").asText()));
        }
        return CommandLineRunner.OK;
    }

    private static void print(PrintWriter out, List<JsonNode> rows, Instant now) {
        List<List<String>> table = new ArrayList<>();
        table.add(COLUMNS);
        rows.forEach(row -> table.add(cells(row, now)));
        int[] widths = new int[COLUMNS.size()];
        for (List<String> line : table) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        for (List<String> line : table) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                text.append(line.get(i)).append(" ".repeat(widths[i] - line.get(i).length() + 2));
            }
            out.println(text.toString().stripTrailing());
        }
        out.println(rows.size() + " open");
    }

    private static List<String> cells(JsonNode row, Instant now) {
        return List.of(
                row.path("peer").asText("(no identity)"),
                row.path("direction").asText(),
                row.path("port").asText(),
                row.path("protocol").asText(),
                age(Duration.between(Instant.parse(row.path("since").asText()), now)),
                row.path("requests").asText(),
                bytes(row.path("received").asLong()),
                bytes(row.path("sent").asLong()),
                brief(row.path("issuerKeyId").asText("-")),
                row.path("serial").asText("-"));
    }

    static String age(Duration age) {
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3600) {
            return seconds / 60 + "m" + seconds % 60 + "s";
        }
        return seconds < 86_400
                ? seconds / 3600 + "h" + seconds % 3600 / 60 + "m"
                : seconds / 86_400 + "d" + seconds % 86_400 / 3600 + "h";
    }

    static String bytes(long bytes) {
        if (bytes < KILO) {
            return bytes + " B";
        }
        double value = bytes;
        int unit = -1;
        while (value >= KILO && unit < 3) {
            value /= KILO;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %cB", value, "kMGT".charAt(unit));
    }

    private static String brief(String keyId) {
        return keyId.length() > SHORT ? keyId.substring(0, SHORT) : keyId;
    }
}
