package dev.countersign.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

final class CommandLineRunnerTest {
    @Command(name = "tool")
    static final class Tool implements Callable<Integer> {
        @Option(names = "--code")
        private int code;

        @Option(names = "--fail")
        private boolean fail;

        @Override
        public Integer call() {
            if (fail) {
                throw new IllegalStateException("refused");
            }
            return code;
        }
    }

    @Test
    void theCommandSaysHowItWent() {
        assertThat(CommandLineRunner.run(new Tool())).isEqualTo(CommandLineRunner.OK);
        assertThat(CommandLineRunner.run(new Tool(), "--code", "1"))
                .isEqualTo(CommandLineRunner.FAILED);
    }

    @Test
    void aRefusalIsOne() {
        assertThat(CommandLineRunner.run(new Tool(), "--fail")).isEqualTo(CommandLineRunner.FAILED);
    }

    @Test
    void aCommandLineThatIsNotUnderstoodIsTwo() {
        assertThat(CommandLineRunner.run(new Tool(), "--cod", "1"))
                .isEqualTo(CommandLineRunner.USAGE);
        assertThat(CommandLineRunner.run(new Tool(), "--code", "x"))
                .isEqualTo(CommandLineRunner.USAGE);
    }
}
