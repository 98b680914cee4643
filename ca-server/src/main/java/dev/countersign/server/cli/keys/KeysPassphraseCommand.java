package dev.countersign.server.cli.keys;

import dev.countersign.server.cli.CommandFailed;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code countersign keys passphrase}. */
@Command(
        name = "passphrase",
        description = {
            "Seals every key file with another passphrase. On the server's host; a server that"
                    + " runs",
            "goes on with the keys that it has opened."
        },
        footer = {
            "",
            "Then put the new file in the place of the one that keys.passphraseFile names, and",
            "restart the server. Interrupted? Run it again: what is done is left alone. Keys that",
            "are made between this command and the restart still have the old passphrase, so make",
            "none (no root rotate)."
        })
public final class KeysPassphraseCommand implements Callable<Integer> {
    /** Seals the keys anew and says which; the wiring knows how. */
    @FunctionalInterface
    public interface Change {
        List<String> run(Path config, Path next) throws Exception;
    }

    private final Change change;

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description =
                    "The server's configuration: where the keys and the present passphrase are.")
    Path config = Path.of("");

    @Option(
            names = "--new",
            required = true,
            paramLabel = "FILE",
            description = "First line = the new passphrase; mode 0600.")
    Path next = Path.of("");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    public KeysPassphraseCommand(Change change) {
        this.change = change;
    }

    @Override
    public Integer call() throws Exception {
        List<String> done;
        try {
            done = change.run(config, next);
        } catch (RuntimeException fault) {
            throw fault;
        } catch (Exception refused) {
            throw new CommandFailed(String.valueOf(refused.getMessage()), refused);
        }
        PrintWriter out = spec.commandLine().getOut();
        done.forEach(name -> out.println("sealed " + name));
        out.println(done.size() + " sealed anew; all keys open with " + next + " only");
        out.println("next: put it where keys.passphraseFile points, restart the server");
        out.flush();
        return 0;
    }
}
