package dev.countersign.agent.probe;

import dev.countersign.runtime.ConfigReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads {@code probes}.
 *
 * <pre>{@code
 * probes:
 *   listen: 0.0.0.0:15021
 *   host: 127.0.0.1                       # where the application is; the pod's own address in redirect mode
 *   checks:
 *   - { path: /app-health/web/liveness, type: http, port: 8080, target: /healthz, timeout: 1s }
 *   - { path: /app-health/db/readiness, type: tcp, port: 5432 }
 *   - { path: /app-health/api/startup, type: grpc, port: 9090, service: orders }
 * }</pre>
 *
 * @param listen the kubelet comes here
 * @param host where the application is
 * @param checks at most 64
 */
public record ProbeSettings(InetSocketAddress listen, String host, List<Check> checks) {
    private static final int MAX_PORT = 0xffff;
    private static final int MAX_CHECKS = 64;

    /** What fits into one byte of a message's length. */
    private static final int MAX_SERVICE = 127;

    private static final Duration MAX_TIMEOUT = Duration.ofMinutes(5);
    private static final Pattern PATH = Pattern.compile("/[A-Za-z0-9._/-]{1,255}");
    // What would end a line of the request is no part of it.
    private static final Pattern TARGET = Pattern.compile("[!-~]{0,2048}");
    private static final Pattern HEADER =
            Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}: [\\t -~]{0,2048}");

    private enum Type {
        HTTP,
        TCP,
        GRPC
    }

    private enum Scheme {
        HTTP,
        HTTPS
    }

    public ProbeSettings {
        checks = List.copyOf(checks);
    }

    /** Empty without a {@code probes} section. */
    public static Optional<ProbeSettings> read(ConfigReader reader) {
        Optional<InetSocketAddress> listen = reader.hostPort("probes.listen").optional();
        String host = reader.string("probes.host").orDefault("127.0.0.1");
        List<Check> checks = reader.list("probes.checks", ProbeSettings::check);
        Set<String> paths = new HashSet<>();
        for (Check check : checks) {
            if (!paths.add(check.path())) {
                reader.problem("probes.checks", check.path() + " twice", "each path once");
            }
        }
        if (checks.size() > MAX_CHECKS) {
            reader.problem("probes.checks", checks.size() + " checks", "<= " + MAX_CHECKS);
        }
        if (listen.isEmpty() && !checks.isEmpty()) {
            reader.problem("probes.listen", "missing", "host:port, for there are checks");
        }
        return listen.map(address ->
                new ProbeSettings(
                        new InetSocketAddress(address.getHostString(), address.getPort()),
                        host,
                        checks));
    }

    private static Check check(ConfigReader entry) {
        String path =
                entry.string("path")
                        .check(text -> PATH.matcher(text).matches(), "/ and a-z 0-9 . _ - /")
                        .required();
        int port = Math.toIntExact(entry.integer("port", 1, MAX_PORT).required());
        Check.How how =
                switch (entry.enumeration("type", Type.class).required()) {
                    case HTTP -> http(entry);
                    case TCP -> new Check.How.Tcp();
                    case GRPC -> new Check.How.Grpc(service(entry));
                };
        return new Check(
                path,
                port,
                how,
                entry.duration("timeout", Duration.ofMillis(1), MAX_TIMEOUT)
                        .orDefault(Duration.ofSeconds(1)));
    }

    private static String service(ConfigReader entry) {
        return entry.string("service")
                .check(
                        text -> text.getBytes(StandardCharsets.UTF_8).length <= MAX_SERVICE,
                        "a name, <= " + MAX_SERVICE + " bytes")
                .orDefault("");
    }

    private static Check.How http(ConfigReader entry) {
        String target =
                entry.string("target")
                        .check(text -> TARGET.matcher(text).matches(), "a path without blanks")
                        .orDefault("/");
        List<String> headers = entry.strings("headers");
        for (String header : headers) {
            if (!HEADER.matcher(header).matches()) {
                entry.problem("probes.checks.headers", header, "name: value");
            }
        }
        return new Check.How.Http(
                target.startsWith("/") ? target : "/" + target,
                entry.enumeration("scheme", Scheme.class).orDefault(Scheme.HTTP) == Scheme.HTTPS,
                headers);
    }
}
