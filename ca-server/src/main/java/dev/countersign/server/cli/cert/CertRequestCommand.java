package dev.countersign.server.cli.cert;

import dev.countersign.server.cli.CommandFailed;
import dev.countersign.server.cli.Output;
import dev.countersign.server.x509.KeyAndRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code countersign cert request}. */
@Command(
        name = "request",
        description =
                "Asks a server for a certificate: for programs without an agent, and for trying"
                        + " refusals. Sends the bytes of the given request as they are, or makes a"
                        + " key and a request.",
        footer = {
            "",
            "Writes svid.pem, key.pem (0600; only for a key made here) and bundle.pem to --out.",
            "Given a folder, sends every file in it and prints one line for each.",
            "Exit codes: 0 issued, 1 refused or failed (the reason code is printed), 2 usage."
        })
final class CertRequestCommand implements Callable<Integer> {
    private static final int MAX_TOKEN_BYTES = 64 * 1024;

    @Mixin Output output = new Output();

    @Option(
            names = "--server",
            required = true,
            paramLabel = "ADDR",
            description = "host:port of the server.")
    String server = "";

    @Option(
            names = "--bootstrap",
            required = true,
            paramLabel = "FILE",
            description = "Bootstrap file: whom to believe.")
    Path bootstrap = Path.of("");

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "Service-account token. Left out: none is sent (renewal without one).")
    @Nullable Path tokenFile;

    @Option(
            names = "--csr",
            paramLabel = "FILE|DIR",
            description = "PKCS#10 request, DER, sent byte for byte.")
    @Nullable Path csr;

    @Option(
            names = "--identity",
            paramLabel = "DIR",
            description = "Renew: folder with the svid.pem and key.pem to present by mTLS.")
    @Nullable Path identity;

    @Option(names = "--server-id", paramLabel = "ID", description = "SPIFFE ID of the server.")
    @Nullable String serverId;

    @Option(names = "--out", paramLabel = "DIR", description = "Where to write what was issued.")
    @Nullable Path out;

    @Override
    public Integer call() {
        if (csr == null && out == null) {
            throw new picocli.CommandLine.ParameterException(
                    output.spec().commandLine(),
                    "--out: missing (expected: a folder, or a request of your own by --csr)");
        }
        try (IssuanceClient client =
                IssuanceClient.connect(
                        server,
                        bootstrap,
                        Optional.ofNullable(identity),
                        Optional.ofNullable(serverId),
                        InstantSource.system())) {
            String token = tokenFile == null ? "" : token(tokenFile);
            return csr != null && Files.isDirectory(csr)
                    ? requestAll(client, token, files(csr))
                    : requestOne(client, token);
        }
    }

    private int requestOne(IssuanceClient client, String token) {
        if (csr != null) {
            return report(client.issue(token, bytes(csr)), Optional.empty(), "") ? 0 : 1;
        }
        KeyAndRequest made = KeyAndRequest.make();
        return report(client.issue(token, made.request()), Optional.of(made), "") ? 0 : 1;
    }

    /** Every file of a folder: exit code 1 when any of them was refused. */
    private int requestAll(IssuanceClient client, String token, List<Path> files) {
        int refused = 0;
        for (Path file : files) {
            boolean issued =
                    report(
                            client.issue(token, bytes(file)),
                            Optional.empty(),
                            String.valueOf(file.getFileName()));
            refused += issued ? 0 : 1;
        }
        if (!output.json()) {
            output.out().println((files.size() - refused) + " issued, " + refused + " refused");
            output.out().flush();
        }
        return refused == 0 ? 0 : 1;
    }

    private boolean report(IssuanceAnswer answer, Optional<KeyAndRequest> made, String name) {
        IssuanceReport report = new IssuanceReport(output, name);
        return switch (answer) {
            case IssuanceAnswer.Issued issued -> {
                Optional<Path> folder = Optional.ofNullable(out);
                if (folder.isPresent()) {
                    issued.write(name.isEmpty() ? folder.get() : folder.get().resolve(name), made);
                }
                report.issued(issued, folder);
                yield true;
            }
            case IssuanceAnswer.Refused refused -> {
                report.refused(refused);
                yield false;
            }
        };
    }

    private static List<Path> files(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException unreadable) {
            throw new CommandFailed("cannot read " + directory + ": " + unreadable, unreadable);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException unreadable) {
            throw new CommandFailed("cannot read " + file + ": " + unreadable, unreadable);
        }
    }

    private static String token(Path file) {
        byte[] bytes = bytes(file);
        if (bytes.length > MAX_TOKEN_BYTES) {
            throw new CommandFailed(
                    file + ": " + bytes.length + " bytes (expected: a token, at most 64 KiB)");
        }
        return new String(bytes, StandardCharsets.US_ASCII).strip();
    }
}
