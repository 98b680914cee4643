package dev.countersign.server.cli.backup;

import dev.countersign.server.cli.CommandFailed;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code countersign backup}. */
@Command(
        name = "backup",
        description = {
            "Copies keys and records into one file, beside a server that runs, and proves the file:"
                    + " it",
            "is read back, the keys opened, and a test certificate signed and verified."
        },
        footer = {
            "",
            "Keys in it are sealed with the passphrase, which is not in it: keep that elsewhere.",
            "With PostgreSQL the records stay there; run pg_dump after this command."
        })
public final class BackupCommand implements Callable<Integer> {
    /** Makes it and says what was done; the wiring knows how. */
    @FunctionalInterface
    public interface Backup {
        List<String> run(Path config, Path out) throws Exception;
    }

    private final Backup backup;

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "The server's configuration.")
    Path config = Path.of("");

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "A new file.")
    Path out = Path.of("");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    public BackupCommand(Backup backup) {
        this.backup = backup;
    }

    @Override
    public Integer call() throws Exception {
        return said(spec, () -> backup.run(config, out));
    }

    /** Prints what a command says, and turns what it refuses into one line. */
    static Integer said(CommandSpec spec, Callable<List<String>> work) throws Exception {
        try {
            work.call().forEach(line -> spec.commandLine().getOut().println(line));
            spec.commandLine().getOut().flush();
            return 0;
        } catch (RuntimeException fault) {
            throw fault;
        } catch (Exception refused) {
            throw new CommandFailed(String.valueOf(refused.getMessage()), refused);
        }
    }
}
