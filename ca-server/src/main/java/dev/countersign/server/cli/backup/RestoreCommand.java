package dev.countersign.server.cli.backup;

import dev.countersign.server.cli.CommandFailed;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code countersign restore}. */
@Command(
        name = "restore",
        description = {
            "Puts a backup back, while the server is stopped. It is proven first; what is there is"
                    + " kept",
            "beside it. Refused when something has seen a later epoch than the backup holds: the",
            "database that is there, the agents' bootstrap file, or what you say with --seen-epoch."
        },
        footer = {
            "",
            "With PostgreSQL restore the records first (pg_restore), then run this for the keys:"
                    + " it",
            "checks that the two belong together."
        })
public final class RestoreCommand implements Callable<Integer> {
    /** Restores and says what was done; the wiring knows how. */
    @FunctionalInterface
    public interface Restore {
        List<String> run(
                Path config, Path from, OptionalLong seenEpoch, Optional<String> staleBecause)
                throws Exception;
    }

    private final Restore restore;

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "The server's configuration.")
    Path config = Path.of("");

    @Option(names = "--from", required = true, paramLabel = "FILE", description = "The backup.")
    Path from = Path.of("");

    @Option(
            names = "--seen-epoch",
            paramLabel = "N",
            description = "The highest bundle epoch that agents report (countersign agent list).")
    @Nullable Long seenEpoch;

    @Option(
            names = "--override-stale",
            description = {
                "Restore it although a later epoch was seen: the trust of then comes back as a new",
                "epoch. Certificates issued since are not on record any more."
            })
    boolean overrideStale;

    @Option(names = "--reason", paramLabel = "WHY", description = "For the log, with an override.")
    @Nullable String reason;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    public RestoreCommand(Restore restore) {
        this.restore = restore;
    }

    @Override
    public Integer call() throws Exception {
        if (overrideStale && (reason == null || reason.isBlank())) {
            throw new CommandFailed("--override-stale: without --reason (expected: both)");
        }
        OptionalLong seen = seenEpoch == null ? OptionalLong.empty() : OptionalLong.of(seenEpoch);
        Optional<String> because = overrideStale ? Optional.ofNullable(reason) : Optional.empty();
        return BackupCommand.said(spec, () -> restore.run(config, from, seen, because));
    }
}
