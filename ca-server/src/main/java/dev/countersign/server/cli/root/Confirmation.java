package dev.countersign.server.cli.root;

import dev.countersign.server.cli.CommandFailed;
import dev.countersign.server.cli.Output;
import java.io.Console;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Mix-in: {@code --yes}, or a word that a person types. */
final class Confirmation {
    @Option(names = "--yes", description = "Do not ask.")
    boolean yes;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec mixee;

    /**
     * Goes on when the word is typed, or was not to be asked for.
     *
     * @param what happens then, a sentence
     */
    void ask(Output output, String what, String word) {
        if (yes) {
            return;
        }
        Console console =
                Optional.ofNullable(System.console())
                        .filter(Console::isTerminal)
                        .orElseThrow(() ->
                                new ParameterException(
                                        mixee.commandLine(),
                                        "--yes: missing (expected: --yes, or a terminal to confirm"
                                                + " on)"));
        output.out().println(what);
        output.out().flush();
        @Nullable String typed = console.readLine("type \"%s\" to go on: ", word);
        if (!word.equals(typed)) {
            throw new CommandFailed("nothing done: not confirmed");
        }
    }
}
