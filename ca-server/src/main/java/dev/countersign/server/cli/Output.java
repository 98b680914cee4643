package dev.countersign.server.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import java.io.Console;
import java.io.PrintWriter;
import java.util.Optional;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Mix-in: {@code --output text|json|yaml}, and where a command prints. */
public final class Output {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String RESET = "\u001b[0m";

    /** How a command prints. */
    public enum Format {
        text,
        json,
        yaml
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "text|json|yaml",
            defaultValue = "text",
            description = "How to print (default: text).")
    Format format = Format.text;

    private final boolean colours = onTerminal();

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec mixee;

    /** Whether a document is asked for, JSON or YAML, rather than text for people. */
    public boolean json() {
        return format != Format.text;
    }

    /** The text in this colour where a terminal shows it; plain elsewhere, and with NO_COLOR. */
    public String painted(Colour colour, String text) {
        return colours ? colour.start + text + RESET : text;
    }

    public CommandSpec spec() {
        return mixee;
    }

    public PrintWriter out() {
        return mixee.commandLine().getOut();
    }

    public PrintWriter err() {
        return mixee.commandLine().getErr();
    }

    /** Prints a message of the contract, with the names of its fields. */
    public void print(MessageOrBuilder message) {
        print(document(message));
    }

    /** A message of the contract, to be part of a larger document. */
    public JsonNode document(MessageOrBuilder message) {
        try {
            return JSON.readTree(
                    JsonFormat.printer()
                            .preservingProtoFieldNames()
                            .alwaysPrintFieldsWithNoPresence()
                            .print(message));
        } catch (InvalidProtocolBufferException | JsonProcessingException impossible) {
            throw new IllegalStateException(impossible); // it holds no Any, and prints JSON
        }
    }

    /** Prints a document of a command that asks no server. */
    public void print(JsonNode document) {
        try {
            out().println(
                            format == Format.yaml
                                    ? yaml(document)
                                    : JSON.writerWithDefaultPrettyPrinter()
                                            .writeValueAsString(document));
            out().flush();
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible); // a tree always has a text
        }
    }

    private static String yaml(JsonNode document) {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setIndicatorIndent(2);
        options.setIndentWithIndicator(true);
        options.setSplitLines(false);
        return new Yaml(options).dump(JSON.convertValue(document, Object.class)).stripTrailing();
    }

    private static boolean onTerminal() {
        boolean terminal =
                Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
        return terminal && System.getenv("NO_COLOR") == null;
    }

    /** What a colour says. */
    public enum Colour {
        GOOD("\u001b[32m"),
        BAD("\u001b[31m"),
        CAUTION("\u001b[33m"),
        FAINT("\u001b[2m");

        private final String start;

        Colour(String start) {
            this.start = start;
        }
    }
}
