package dev.countersign.server;

import dev.countersign.runtime.ConfigReader;
import dev.countersign.runtime.Logging;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Starts a server in a folder of its own and stops it again, so that the AOT cache knows the classes
 * of a start. Run by the launcher.
 */
final class AotTraining {
    private AotTraining() {}

    static int run() {
        try {
            Path folder = Files.createTempDirectory("countersign-aot");
            try {
                train(folder);
                return 0;
            } finally {
                delete(folder);
            }
        } catch (Exception failed) {
            System.err.println("training failed: " + failed);
            return 1;
        }
    }

    private static void train(Path folder) throws Exception {
        Main.commands().getUsageMessage();
        Path passphrase = folder.resolve("passphrase");
        dev.countersign.runtime.AtomicFiles.writeSecret(
                passphrase,
                "only for training, gone in a moment"
                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        Files.writeString(folder.resolve("jwks.json"), "{\"keys\":[]}");
        Files.createDirectory(folder.resolve("policies"));
        Path file = folder.resolve("server.yaml");
        Files.writeString(
                file,
                """
                listen: 127.0.0.1:0
                ops: {listen: "127.0.0.1:0"}
                dataDirectory: data
                keys: {passphraseFile: passphrase}
                attestation: {issuer: training, jwks: {file: jwks.json}}
                policies: {directory: policies}
                bootstrap: {file: bootstrap.json}
                """);
        ServerConfig config = ServerConfigReader.read(ConfigReader.load(file, Map.of()));
        Logging.configure(config.log().format(), config.log().level());
        try (CaServer server = CaServer.start(config, InstantSource.system(), new SecureRandom())) {
            server.drain();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> entries = Files.walk(folder)) {
            for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(entry);
            }
        }
    }
}
