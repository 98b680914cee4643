package dev.countersign.server.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Mix-in: {@code --output text|json}, and where a command prints. */
public final class Output {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** How a command prints. */
    public enum Format {
        text,
        json
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "text|json",
            defaultValue = "text",
            description = "How to print (default: text).")
    Format format = Format.text;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec mixee;

    public boolean json() {
        return format == Format.json;
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

    /** Prints a message of the contract as JSON, with the names of its fields. */
    public void print(MessageOrBuilder message) {
        try {
            out().println(
                            JsonFormat.printer()
                                    .preservingProtoFieldNames()
                                    .alwaysPrintFieldsWithNoPresence()
                                    .print(message));
            out().flush();
        } catch (InvalidProtocolBufferException impossible) {
            throw new IllegalStateException(impossible); // it holds no Any
        }
    }

    /** Prints a document of a command that asks no server. */
    public void print(JsonNode document) {
        try {
            out().println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(document));
            out().flush();
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible); // a tree always has a text
        }
    }
}
