package dev.countersign.agent.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.runtime.CommandLineRunner;
import dev.countersign.runtime.ConfigRefused;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Live traffic of an agent, with identities and decisions. */
@Command(
        name = "tap",
        description = {
            "Show requests and streams as they pass, until Ctrl-C.",
            "A reader that is too slow loses lines and is told how many; traffic never waits."
        })
public final class TapCommand extends ControlCommand implements Callable<Integer> {
    private static final int TIME_START = 11;
    private static final int TIME_END = 23;
    private static final double MICROS_IN_A_MILLISECOND = 1000;

    @Option(names = "--peer", description = "SPIFFE ID of the other side; may end with *")
    private @Nullable String peer;

    @Option(names = "--path", description = "Path of requests; may end with *")
    private @Nullable String path;

    @Option(names = "--decision", description = "allowed | denied | audited")
    private @Nullable String decision;

    @Option(names = "--port", description = "Port of the workload, or that it calls")
    private @Nullable Integer port;

    @Option(names = "--direction", description = "inbound | outbound")
    private @Nullable String direction;

    @Option(names = "--count", description = "End after so many lines")
    private int count = Integer.MAX_VALUE;

    private int shown;

    @Override
    public Integer call() throws IOException, ConfigRefused {
        Map<String, String> filter = new TreeMap<>();
        put(filter, "peer", peer);
        put(filter, "path", path);
        put(filter, "decision", decision);
        put(filter, "port", port == null ? null : port.toString());
        put(filter, "direction", direction);
        String query =
                filter.entrySet().stream()
                        .map(each -> each.getKey() + "=" + encoded(each.getValue()))
                        .collect(Collectors.joining("&"));
        new ControlClient(place().control())
                .ask("GET /tap" + (query.isEmpty() ? "" : "?" + query), this::show);
        return CommandLineRunner.OK;
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** One line as a person reads it. */
    static String text(JsonNode line) {
        StringBuilder text = new StringBuilder();
        String time = line.path("time").asText();
        text.append(time.length() > TIME_END ? time.substring(TIME_START, TIME_END) : time);
        text.append(line.path("direction").asText().startsWith("in") ? "  <- " : "  -> ")
                .append(line.path("peer").asText("(no identity)"))
                .append(" :")
                .append(line.path("port").asText())
                .append("  ");
        if (line.path("kind").asText().equals("request")) {
            text.append(line.path("method").asText())
                    .append(' ')
                    .append(line.path("path").asText())
                    .append("  ")
                    .append(line.path("status").asText());
        } else {
            text.append("stream ").append(line.path("event").asText());
        }
        if (line.has("micros")) {
            text.append(
                    String.format(
                            "  %.1f ms", line.path("micros").asLong() / MICROS_IN_A_MILLISECOND));
        }
        append(text, "  ", line.path("decision"));
        append(text, " by ", line.path("policy"));
        append(text, "  ", line.path("reason"));
        append(text, "  id ", line.path("denialId"));
        append(text, "  trace ", line.path("traceId"));
        return text.toString();
    }

    private boolean show(String line) {
        try {
            JsonNode parsed = AgentPages.JSON.readTree(line);
            switch (parsed.path("kind").asText()) {
                case "alive" -> {}
                case "lost" -> print(line, "… " + parsed.path("lines").asText() + " lines lost");
                default -> {
                    print(line, text(parsed));
                    shown++;
                }
            }
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
        return shown < count;
    }

    private void print(String json, String text) {
        out().println(
                        switch (output()) {
                            case TEXT -> text;
                            case JSON -> json;
                        });
        out().flush();
    }

    private static void append(StringBuilder text, String before, JsonNode value) {
        if (!value.asText().isEmpty()) {
            text.append(before).append(value.asText());
        }
    }

    private static void put(Map<String, String> filter, String name, @Nullable String value) {
        if (value != null) {
            filter.put(name, value);
        }
    }
}
