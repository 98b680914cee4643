package dev.countersign.server.attestation.serviceaccount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.server.attestation.serviceaccount.JwksLoader.Document;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileJwksTest {
    @TempDir Path directory;

    @Test
    void anUnchangedFileIsNotReadAgain() throws Exception {
        Path file = Files.writeString(directory.resolve("jwks.json"), "{}");
        FileJwks jwks = new FileJwks(file);
        Document first = jwks.load("").orElseThrow();

        assertThat(jwks.load(first.version())).isEmpty();
        Files.writeString(directory.resolve("next"), "[]");
        Files.move(directory.resolve("next"), file, StandardCopyOption.ATOMIC_MOVE);

        assertThat(jwks.load(first.version()).orElseThrow().bytes()).asString().isEqualTo("[]");
    }

    @Test
    void whatCannotBeReadSaysWhich() throws IOException {
        Path large = Files.write(directory.resolve("large"), new byte[512 * 1024 + 1]);

        assertThatThrownBy(() -> new FileJwks(directory.resolve("absent")).load(""))
                .isInstanceOf(JwksUnavailable.class)
                .hasMessageContaining("absent: cannot be read (NoSuchFileException)");
        assertThatThrownBy(() -> new FileJwks(directory).load(""))
                .hasMessageContaining("not a regular file");
        assertThatThrownBy(() -> new FileJwks(large).load(""))
                .hasMessageContaining("too large (expected: <= 524288 bytes)");
    }
}
