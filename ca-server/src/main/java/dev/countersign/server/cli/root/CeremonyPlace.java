package dev.countersign.server.cli.root;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.wire.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Mix-in: by a server that runs, or by its configuration while none does. */
final class CeremonyPlace {
    @Mixin AdminConnection admin = new AdminConnection();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "The server's configuration, on its host, while it does not run: before its"
                            + " first start, or when it cannot start any more. Without it a server"
                            + " that runs is asked.")
    @Nullable Path config;

    /** What is done by a configuration. */
    @FunctionalInterface
    interface Locally<T> {
        T run(Path config) throws Exception;
    }

    <T> T hold(Function<AdminServiceBlockingStub, T> remote, Locally<T> local) {
        if (config == null) {
            return admin.callLong(remote);
        }
        return locally(config, local);
    }

    static <T> T locally(Path config, Locally<T> local) {
        try {
            return local.run(config);
        } catch (RuntimeException fault) {
            throw fault;
        } catch (Exception refused) {
            throw new CommandFailed(String.valueOf(refused.getMessage()), refused);
        }
    }
}
