package dev.countersign.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

/** Which server a command asks, from its options and the environment. */
class AdminConnectionTest {
    @Test
    void withoutAWordItIsTheSocketOfThisFolder() {
        assertThat(door(Map.of())).isEqualTo(socket(AdminConnection.DEFAULT_SOCKET));
    }

    @Test
    void aVariableNamesTheSocketAndAnOptionGoesBefore() {
        Map<String, String> environment = Map.of("COUNTERSIGN_ADMIN", "/run/a.sock");

        assertThat(door(environment)).isEqualTo(socket("/run/a.sock"));
        assertThat(door(environment, "--admin", "/run/b.sock")).isEqualTo(socket("/run/b.sock"));
    }

    @Test
    void theSocketAsAnOptionGoesBeforeAServerInTheEnvironment() {
        assertThat(door(Map.of("COUNTERSIGN_SERVER", "ca:8443"), "--admin", "/run/b.sock"))
                .isEqualTo(socket("/run/b.sock"));
    }

    @Test
    void anEmptyVariableIsNone() {
        assertThat(door(Map.of("COUNTERSIGN_ADMIN", "", "COUNTERSIGN_SERVER", " ")))
                .isEqualTo(socket(AdminConnection.DEFAULT_SOCKET));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --admin a --server ca:1 --operator o | --admin: given with --server
                    --admin a --operator o               | --admin: given with --server or --operator
                    --operator o                         | --operator: given without --server
                    --server ca:1                        | --operator: missing
                    """)
    void halfAnAnswerOrTwoAreMisuse(String options, String said) {
        misused(Map.of(), said, options.split(" "));
    }

    @Test
    void twoVariablesThatDisagreeAreMisuse() {
        Map<String, String> both = Map.of("COUNTERSIGN_ADMIN", "a", "COUNTERSIGN_SERVER", "ca:1");

        misused(both, "COUNTERSIGN_ADMIN and COUNTERSIGN_SERVER: both set");
    }

    @Test
    void theOperatorsFolderIsReadBeforeAnythingIsSent(@TempDir Path folder) {
        Map<String, String> environment =
                Map.of("COUNTERSIGN_SERVER", "ca:1", "COUNTERSIGN_OPERATOR", folder.toString());

        assertThatExceptionOfType(CommandFailed.class)
                .isThrownBy(() -> door(environment))
                .withMessageContaining("cannot use the identity in " + folder);
    }

    private static void misused(Map<String, String> environment, String said, String... options) {
        assertThatExceptionOfType(ParameterException.class)
                .isThrownBy(() -> door(environment, options))
                .withMessageContaining(said);
    }

    private static AdminDoor door(Map<String, String> environment, String... options) {
        Asking command = new Asking(environment);
        new CommandLine(command).parseArgs(options);
        return command.admin.door();
    }

    private static AdminDoor socket(String path) {
        return new AdminDoor.Socket(Path.of(path));
    }

    @Command
    private static final class Asking {
        @Mixin private final AdminConnection admin;

        Asking(Map<String, String> environment) {
            this.admin = new AdminConnection(environment);
        }
    }
}
