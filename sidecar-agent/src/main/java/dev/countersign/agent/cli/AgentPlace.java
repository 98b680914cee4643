package dev.countersign.agent.cli;

import dev.countersign.agent.admin.AdminAddress;
import dev.countersign.runtime.ConfigReader;
import dev.countersign.runtime.ConfigRefused;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the agent is that a command is about: said, or read from the agent's configuration. */
final class AgentPlace {
    private static final String OPS = "127.0.0.1:15020";
    private static final String SOCKET = "/run/countersign/control.sock";

    @Option(names = "--config", description = "YAML file of the agent, to find it by")
    private @Nullable Path config;

    @Option(names = "--ops", description = "Health port of the agent (default: " + OPS + ")")
    private @Nullable String ops;

    @Option(
            names = "--admin",
            description = "Port of the agent's pages for admins (default: as --ops)")
    private @Nullable String admin;

    @Option(
            names = "--control",
            description = "Control socket of the agent (default: " + SOCKET + ")")
    private @Nullable Path control;

    /** host:port of health and metrics. */
    String ops() throws ConfigRefused {
        if (ops != null) {
            return ops;
        }
        return config == null ? OPS : text(ops(read(config)));
    }

    /** host:port of the pages for admins. */
    String admin() throws ConfigRefused {
        if (admin != null) {
            return admin;
        }
        if (config == null) {
            return ops();
        }
        ConfigReader reader = read(config);
        return text(AdminAddress.of(reader.hostPort("admin.listen").optional(), ops(reader)));
    }

    Path control() throws ConfigRefused {
        if (control != null) {
            return control;
        }
        if (config == null) {
            return Path.of(SOCKET);
        }
        ConfigReader reader = read(config);
        Optional<Path> inState =
                reader.path("state.directory")
                        .optional()
                        .map(state -> state.resolve("control.sock"));
        return reader.path("control.socket").optional().or(() -> inState).orElse(Path.of(SOCKET));
    }

    private static ConfigReader read(Path file) throws ConfigRefused {
        return ConfigReader.load(file, System.getenv());
    }

    private static InetSocketAddress ops(ConfigReader reader) {
        return reader.hostPort("ops.listen")
                .orDefault(InetSocketAddress.createUnresolved("127.0.0.1", 15_020));
    }

    private static String text(InetSocketAddress address) {
        return address.getHostString() + ":" + address.getPort();
    }
}
