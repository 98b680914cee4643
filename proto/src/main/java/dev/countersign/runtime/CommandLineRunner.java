package dev.countersign.runtime;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;

/** Runs a tree of commands: exit codes 0 good, 1 refused or failed, 2 usage. */
public final class CommandLineRunner {
    public static final int OK = 0;
    public static final int FAILED = 1;
    public static final int USAGE = 2;

    private CommandLineRunner() {}

    /** {@code root}: a picocli command. Returns the exit code. */
    public static int run(Object root, String... arguments) {
        CommandLine line = new CommandLine(root);
        line.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExitCodeExceptionMapper(
                fault -> fault instanceof CommandLine.ParameterException ? USAGE : FAILED);
        line.setParameterExceptionHandler((fault, given) -> misused(fault));
        line.setExecutionExceptionHandler(
                (fault, command, parsed) -> PlainRunner.failed(fault, command.getErr()));
        int code = line.execute(arguments);
        line.getOut().flush();
        line.getErr().flush();
        return code;
    }

    private static int misused(CommandLine.ParameterException fault) {
        CommandLine command = fault.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("error: " + fault.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(fault, err);
        err.println("see: " + command.getCommandSpec().qualifiedName() + " --help");
        return USAGE;
    }
}
