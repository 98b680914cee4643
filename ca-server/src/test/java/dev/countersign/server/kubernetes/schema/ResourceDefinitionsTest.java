package dev.countersign.server.kubernetes.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The files that are installed are those that the schemas say. */
final class ResourceDefinitionsTest {
    private static final Path FOLDER = Path.of("..", "deploy", "kubernetes", "crds");

    @ParameterizedTest
    @EnumSource
    void theFileIsWhatTheSchemaSays(ResourceKind kind) throws IOException {
        Path file = FOLDER.resolve(ResourceDefinitions.fileName(kind));
        String expected = ResourceDefinitions.yaml(kind);
        if (Boolean.getBoolean("countersign.regenerate")) {
            Files.createDirectories(FOLDER);
            Files.writeString(file, expected);
        }

        assertThat(file).as("-Dcountersign.regenerate=true writes it anew").hasContent(expected);
    }

    @Test
    void thereIsNoOtherFile() throws IOException {
        List<String> expected =
                Stream.of(ResourceKind.values()).map(ResourceDefinitions::fileName).toList();

        try (Stream<Path> files = Files.list(FOLDER)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }
}
