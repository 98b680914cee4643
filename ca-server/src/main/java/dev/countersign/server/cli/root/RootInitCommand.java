package dev.countersign.server.cli.root;

import dev.countersign.server.cli.Output;
import dev.countersign.wire.v1.ImportRootResponse;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code countersign root init}. */
@Command(
        name = "init",
        description = {
            "Makes the root and the bundle-signing key of a new authority, in the server's key",
            "store, before its first start; a server that finds none makes them itself. A root",
            "that is kept elsewhere comes by `root csr` and `root import`."
        })
public final class RootInitCommand implements Callable<Integer> {
    @Mixin Output output = new Output();

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "The server's configuration: where keys and records are.")
    Path config = Path.of("");

    private final LocalCeremonies ceremonies;

    public RootInitCommand(LocalCeremonies ceremonies) {
        this.ceremonies = ceremonies;
    }

    @Override
    public Integer call() {
        ImportRootResponse done = CeremonyPlace.locally(config, ceremonies::init);
        ImportedScreen.print(output, done);
        return 0;
    }
}
