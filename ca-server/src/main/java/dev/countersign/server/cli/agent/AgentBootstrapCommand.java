package dev.countersign.server.cli.agent;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.server.cli.Output;
import dev.countersign.wire.v1.GetBootstrapRequest;
import dev.countersign.wire.v1.GetBootstrapResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code countersign agent bootstrap}. */
@Command(
        name = "bootstrap",
        description =
                "The file an agent starts from: roots, bundle-signing keys, minimum epoch. It holds"
                        + " no secret; what matters is that nobody can replace it.")
final class AgentBootstrapCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    @Option(names = "--out", paramLabel = "FILE", description = "Write here (default: print).")
    @Nullable Path out;

    @Override
    public Integer call() {
        GetBootstrapResponse answer =
                admin.call(stub -> stub.getBootstrap(GetBootstrapRequest.getDefaultInstance()));
        if (out == null) {
            output.out().print(answer.getFile());
        } else {
            write(out, answer.getFile());
            output.out().println("wrote " + out);
        }
        output.out().flush();
        return 0;
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text, StandardCharsets.UTF_8);
        } catch (IOException unwritable) {
            throw new CommandFailed("cannot write " + file + ": " + unwritable, unwritable);
        }
    }
}
