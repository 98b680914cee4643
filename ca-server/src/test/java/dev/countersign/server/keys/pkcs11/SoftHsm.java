package dev.countersign.server.keys.pkcs11;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A software token of this test run, made before the library is loaded: it reads its folder once.
 */
final class SoftHsm {
    static final String PIN = "4321";

    private static final List<Path> LIBRARIES =
            List.of(
                    Path.of("/usr/lib/softhsm/libsofthsm2.so"),
                    Path.of("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
                    Path.of("/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"),
                    Path.of("/usr/lib64/pkcs11/libsofthsm2.so"));

    private final Path library;
    private final Path folder;

    private SoftHsm(Path library, Path folder) {
        this.library = library;
        this.folder = folder;
    }

    /** Skips the caller's tests, with the reason, where SoftHSM is not installed. */
    static SoftHsm start() throws Exception {
        Optional<Path> library = LIBRARIES.stream().filter(Files::exists).findFirst();
        assumeTrue(library.isPresent(), "no SoftHSM here: apt-get install softhsm2");
        String configuration = System.getenv("SOFTHSM2_CONF");
        assumeTrue(configuration != null, "SOFTHSM2_CONF is not set: run by Maven");
        Path folder = Path.of(configuration).resolveSibling("here");
        SoftHsm hsm = new SoftHsm(library.get(), folder);
        hsm.empty();
        Files.createDirectories(hsm.tokens());
        Files.writeString(
                Path.of(configuration),
                "directories.tokendir = " + hsm.tokens() + "\nobjectstore.backend = file\n");
        hsm.initialise();
        return hsm;
    }

    /** Settings with keys of their own. */
    Pkcs11Settings settings(String prefix, String pin) throws IOException {
        Path file = folder.resolve(prefix + ".pin");
        Files.writeString(file, pin + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return new Pkcs11Settings(library, java.util.OptionalLong.empty(), file, prefix);
    }

    /** The token is away while {@code meanwhile} runs. */
    void away(Runnable meanwhile) throws IOException {
        Path elsewhere = folder.resolve("away");
        Files.move(tokens(), elsewhere);
        try {
            meanwhile.run();
        } finally {
            Files.move(elsewhere, tokens());
        }
    }

    Path library() {
        return library;
    }

    private Path tokens() {
        return folder.resolve("tokens");
    }

    private void initialise() throws Exception {
        Process process =
                new ProcessBuilder(
                                "softhsm2-util",
                                "--init-token",
                                "--free",
                                "--label",
                                "countersign",
                                "--pin",
                                PIN,
                                "--so-pin",
                                "87654321")
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException("softhsm2-util: " + said);
        }
    }

    private void empty() throws IOException {
        if (Files.notExists(folder)) {
            return;
        }
        try (Stream<Path> found = Files.walk(folder)) {
            found.sorted(Comparator.reverseOrder())
                    .forEach(path -> {
                        try {
                            Files.delete(path);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        }
    }
}
