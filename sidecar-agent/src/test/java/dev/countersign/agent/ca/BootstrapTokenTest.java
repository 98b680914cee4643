package dev.countersign.agent.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BootstrapTokenTest {
    @TempDir Path directory;
    private Path file;
    private BootstrapToken token;

    @BeforeEach
    void setUp() {
        file = directory.resolve("token");
        token = new BootstrapToken(file);
    }

    @Test
    void isReadAnewAtEveryUse() throws IOException {
        Files.writeString(file, "aaa.bbb.ccc\n");
        assertThat(token.read()).isEqualTo("aaa.bbb.ccc");

        Files.writeString(file, "ddd.eee.fff");
        assertThat(token.read()).isEqualTo("ddd.eee.fff");
    }

    @Test
    void saysThatTheFileIsMissing() {
        assertThatThrownBy(token::read)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("not there");
    }

    @Test
    void refusesAFileOverTheBound() throws IOException {
        Files.writeString(file, "a".repeat(BootstrapToken.MAX_BYTES));
        assertThat(token.read()).hasSize(BootstrapToken.MAX_BYTES);

        Files.writeString(file, "a".repeat(BootstrapToken.MAX_BYTES + 1));
        assertThatThrownBy(token::read).hasMessageContaining("expected: <= 16384");
    }

    @Test
    void neverShowsTheContent() throws IOException {
        Files.writeString(file, "secret value with spaces");

        assertThatThrownBy(token::read)
                .hasMessageContaining("expected: compact JWS")
                .hasMessageNotContaining("secret");
        assertThat(token.toString()).doesNotContain("secret");
    }
}
