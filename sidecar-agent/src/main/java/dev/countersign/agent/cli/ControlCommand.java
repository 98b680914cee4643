package dev.countersign.agent.cli;

import dev.countersign.runtime.ConfigRefused;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What the commands that tell an agent something have in common. */
abstract class ControlCommand {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private AgentPlace place = new AgentPlace();

    @Option(names = "--output", description = "text or json", defaultValue = "text")
    private Output output = Output.TEXT;

    /** Asks, and says {@code done} or what the agent answered. */
    final void tell(String request, String done) throws IOException, ConfigRefused {
        PrintWriter out = out();
        new ControlClient(place.control())
                .ask(
                        request,
                        answer -> {
                            out.println(
                                    switch (output) {
                                        case TEXT -> done;
                                        case JSON -> answer;
                                    });
                            return false;
                        });
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final AgentPlace place() {
        return place;
    }

    final Output output() {
        return output;
    }
}
