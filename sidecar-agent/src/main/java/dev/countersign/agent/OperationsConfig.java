package dev.countersign.agent;

import dev.countersign.agent.admin.AdminAddress;
import dev.countersign.agent.admin.ControlSocket;
import dev.countersign.agent.lifecycle.ExitWith;
import dev.countersign.agent.probe.ProbeSettings;
import dev.countersign.agent.proxy.traffic.AccessLog;
import dev.countersign.agent.scrape.ApplicationPage;
import dev.countersign.agent.tracing.TracingSettings;
import dev.countersign.runtime.ConfigReader;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How an agent is looked at, told what to do, and how it ends.
 *
 * <pre>{@code
 * admin: { listen: 127.0.0.1:15000 }        # default: with ops where that is on loopback
 * control: { socket: control.sock, mayQuit: [app] }   # default: in state.directory, for its own user
 * lifecycle: { exitWith: never, exitAfter: 5s, settle: 0s }   # others | command:NAME | pid:NUMBER
 * accessLog: { to: off, sample: 1 }         # off | stdout | a file; denied and audited always, the rest by chance
 * tracing: { otlp: "http://127.0.0.1:4318/v1/traces", sample: 0.01, queue: 2048 }   # off without otlp
 * metrics: { peers: 200 }                   # told apart; more are counted as "other"
 * metrics: { application: { port: 9090, path: /metrics, timeout: 3s } }   # goes behind ours; off without port
 * probes: { listen: 0.0.0.0:15021, checks: […] }   # the kubelet's questions to the application: see ProbeSettings
 * }</pre>
 *
 * @param admin the pages for admins, on loopback
 * @param control empty: nobody can tell the agent anything
 * @param exitWith whose end is the agent's
 * @param exitAfter how long they must be gone
 * @param settle how long the agent is not ready and still accepts, before it drains
 * @param accessLog empty: none
 * @param tracing empty: nobody traces
 * @param metricsPeers peers that metrics tell apart, for each direction
 * @param application whose metrics go behind ours; empty: nobody's
 * @param probes what the application is asked in the kubelet's place; empty: nothing
 */
public record OperationsConfig(
        InetSocketAddress admin,
        Optional<ControlSocket.Settings> control,
        ExitWith exitWith,
        Duration exitAfter,
        Duration settle,
        Optional<AccessLog.Settings> accessLog,
        Optional<TracingSettings> tracing,
        int metricsPeers,
        Optional<ApplicationPage> application,
        Optional<ProbeSettings> probes) {
    private static final String CONTROL_SOCKET = "control.sock";
    private static final int MAX_PORT = 0xffff;
    private static final int MAX_PEERS = 10_000;
    private static final long DEFAULT_PEERS = 200;
    private static final double DEFAULT_SAMPLE = 0.01;
    private static final long DEFAULT_QUEUE = 2048;
    private static final int MAX_QUEUE = 65_536;
    private static final Duration HOUR = Duration.ofHours(1);

    /**
     * @param ops where health and metrics are
     * @param stateDirectory where the control socket is by default
     */
    static OperationsConfig read(
            ConfigReader reader, InetSocketAddress ops, Optional<Path> stateDirectory) {
        return new OperationsConfig(
                admin(reader, ops),
                control(reader, stateDirectory),
                reader.value(
                                "lifecycle.exitWith",
                                (ExitWith) new ExitWith.Never(),
                                ExitWith.SYNTAX,
                                ExitWith::parse)
                        .orDefault(new ExitWith.Never()),
                reader.duration("lifecycle.exitAfter", Duration.ZERO, HOUR)
                        .orDefault(Duration.ofSeconds(5)),
                reader.duration("lifecycle.settle", Duration.ZERO, HOUR).orDefault(Duration.ZERO),
                accessLog(reader),
                tracing(reader),
                Math.toIntExact(
                        reader.integer("metrics.peers", 1, MAX_PEERS).orDefault(DEFAULT_PEERS)),
                application(reader),
                ProbeSettings.read(reader));
    }

    private static Optional<ApplicationPage> application(ConfigReader reader) {
        String path =
                reader.value(
                                "metrics.application.path",
                                "/metrics",
                                "as /metrics",
                                ApplicationPage::checkedPath)
                        .orDefault("/metrics");
        Duration timeout =
                reader.duration(
                                "metrics.application.timeout",
                                Duration.ofMillis(100),
                                Duration.ofSeconds(30))
                        .orDefault(Duration.ofSeconds(3));
        return reader.integer("metrics.application.port", 1, MAX_PORT)
                .optional()
                .map(port -> new ApplicationPage(Math.toIntExact(port), path, timeout));
    }

    private static InetSocketAddress admin(ConfigReader reader, InetSocketAddress ops) {
        InetSocketAddress address =
                AdminAddress.of(reader.hostPort("admin.listen").optional(), ops);
        if (!AdminAddress.isLoopback(address)) {
            reader.problem(
                    "admin.listen", address.getHostString(), "127.0.0.1, localhost or [::1]");
        }
        return address;
    }

    private static Optional<ControlSocket.Settings> control(
            ConfigReader reader, Optional<Path> stateDirectory) {
        Optional<Path> socket =
                reader.path("control.socket")
                        .optional()
                        .or(() -> stateDirectory.map(state -> state.resolve(CONTROL_SOCKET)));
        List<String> mayQuit = reader.strings("control.mayQuit");
        return socket.map(path -> new ControlSocket.Settings(path, mayQuit));
    }

    private static Optional<AccessLog.Settings> accessLog(ConfigReader reader) {
        String to = reader.string("accessLog.to").orDefault("off");
        double sample =
                reader.value("accessLog.sample", 1.0, "0..1", OperationsConfig::part)
                        .orDefault(1.0);
        return switch (to) {
            case "off" -> Optional.empty();
            case "stdout" -> Optional.of(new AccessLog.Settings(Optional.empty(), sample));
            default ->
                    Optional.of(
                            new AccessLog.Settings(reader.path("accessLog.to").optional(), sample));
        };
    }

    private static Optional<TracingSettings> tracing(ConfigReader reader) {
        double sample =
                reader.value("tracing.sample", DEFAULT_SAMPLE, "0..1", OperationsConfig::part)
                        .orDefault(DEFAULT_SAMPLE);
        int queue =
                Math.toIntExact(
                        reader.integer("tracing.queue", 1, MAX_QUEUE).orDefault(DEFAULT_QUEUE));
        return reader.value(
                        "tracing.otlp",
                        URI.create("http://missing/"),
                        "an address of a collector, as http://host:4318/v1/traces",
                        TracingSettings::endpoint)
                .optional()
                .map(endpoint -> new TracingSettings(endpoint, sample, queue));
    }

    private static double part(String text) {
        double part = Double.parseDouble(text);
        if (!(part >= 0 && part <= 1)) {
            throw new IllegalArgumentException(text);
        }
        return part;
    }
}
