package dev.countersign.agent.proxy;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** nginx as the machine has it, on a unix socket, which needs no port. */
final class NginxBackend implements SmugglingTest.Backend {
    private static final List<Path> PLACES =
            List.of(Path.of("/usr/sbin/nginx"), Path.of("/usr/local/sbin/nginx"));

    private final Path directory;
    private final Process process;

    NginxBackend() throws IOException {
        directory = Files.createTempDirectory("nginx");
        Path config = directory.resolve("nginx.conf");
        Files.writeString(
                config,
                """
                daemon off;
                master_process off;
                pid DIR/pid;
                error_log DIR/error.log;
                events { worker_connections 256; }
                http {
                  log_format seen '$request_method $request_uri';
                  access_log DIR/seen.log seen;
                  client_body_temp_path DIR/body;
                  proxy_temp_path DIR/proxy;
                  fastcgi_temp_path DIR/fastcgi;
                  uwsgi_temp_path DIR/uwsgi;
                  scgi_temp_path DIR/scgi;
                  server {
                    listen unix:DIR/socket;
                    location / { return 200 "ok"; }
                  }
                }
                """
                        .replace("DIR", directory.toString()));
        process =
                new ProcessBuilder(
                                program().toString(),
                                "-p",
                                directory.toString(),
                                "-c",
                                config.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("out.log").toFile())
                        .start();
        await().atMost(Mesh.PATIENCE).until(() -> Files.exists(directory.resolve("socket")));
    }

    static boolean isHere() {
        return PLACES.stream().anyMatch(Files::isExecutable);
    }

    @Override
    public SocketAddress address() {
        return UnixDomainSocketAddress.of(directory.resolve("socket"));
    }

    @Override
    public List<String> seen() throws IOException {
        return Files.readAllLines(directory.resolve("seen.log"));
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        process.waitFor();
        try (Stream<Path> all = Files.walk(directory)) {
            all.sorted(java.util.Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        }
    }

    private static Path program() {
        return PLACES.stream().filter(Files::isExecutable).findFirst().orElseThrow();
    }
}
