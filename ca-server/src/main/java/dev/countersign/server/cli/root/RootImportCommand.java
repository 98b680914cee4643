package dev.countersign.server.cli.root;

import com.google.protobuf.ByteString;
import dev.countersign.runtime.AtomicFiles;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.server.cli.Output;
import dev.countersign.wire.v1.ImportRootRequest;
import dev.countersign.wire.v1.ImportRootResponse;
import dev.countersign.wire.v1.Pkcs12;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code countersign root import}. */
@Command(
        name = "import",
        description = {
            "Takes in what was made elsewhere: the next issuer of a root that is believed, another",
            "root with its issuer, or a root with its key. Chain, constraints and lives are checked,",
            "and a certificate is signed and verified by it before anything counts."
        },
        footer = {
            "",
            "Another root than the one that signs becomes the standby: every bundle carries it, and",
            "`countersign root rotate` lets it sign."
        })
public final class RootImportCommand implements Callable<Integer> {
    private static final int MAX_BYTES = 64 * 1024;
    private static final int MAX_PASSPHRASE = 4096;

    @Mixin CeremonyPlace place = new CeremonyPlace();
    @Mixin Output output = new Output();

    @ArgGroup(multiplicity = "1")
    Source source = new Source();

    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description = "With --pkcs12: first line = its passphrase; mode 0600.")
    @Nullable Path passphrase;

    private final LocalCeremonies ceremonies;

    public RootImportCommand(LocalCeremonies ceremonies) {
        this.ceremonies = ceremonies;
    }

    /** One of the two. */
    static final class Source {
        @Option(
                names = "--chain",
                paramLabel = "FILE",
                description =
                        "PEM: the certificate of a key that `root csr` made, then those above it,"
                                + " the root last; a root that is believed may be left out.")
        @Nullable Path chain;

        @Option(
                names = "--pkcs12",
                paramLabel = "FILE",
                description = "A signing certificate with its key (P-256) and those above it.")
        @Nullable Path pkcs12;
    }

    @Override
    public Integer call() {
        ImportRootRequest request = request();
        ImportRootResponse done =
                place.hold(
                        stub -> stub.importRoot(request),
                        config -> ceremonies.take(config, request));
        ImportedScreen.print(output, done);
        return 0;
    }

    private ImportRootRequest request() {
        if (source.pkcs12 == null) {
            return ImportRootRequest.newBuilder()
                    .setChain(
                            new String(
                                    bytes(java.util.Objects.requireNonNull(source.chain)),
                                    StandardCharsets.US_ASCII))
                    .build();
        }
        if (passphrase == null) {
            throw new CommandFailed(
                    "--passphrase-file: missing (expected: a file of mode 0600, with --pkcs12)");
        }
        return ImportRootRequest.newBuilder()
                .setPkcs12(
                        Pkcs12.newBuilder()
                                .setFile(ByteString.copyFrom(bytes(source.pkcs12)))
                                .setPassphrase(secret(passphrase)))
                .build();
    }

    static byte[] bytes(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new CommandFailed(file + ": over 64 KiB (expected: <= 64 KiB)");
            }
            return bytes;
        } catch (IOException unreadable) {
            throw new CommandFailed("cannot read " + file + ": " + unreadable, unreadable);
        }
    }

    private static String secret(Path file) {
        try {
            return new String(AtomicFiles.readSecret(file, MAX_PASSPHRASE), StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .orElse("");
        } catch (IOException unreadable) {
            throw new CommandFailed("cannot read " + file + ": " + unreadable, unreadable);
        }
    }
}
