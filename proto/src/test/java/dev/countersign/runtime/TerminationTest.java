package dev.countersign.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TerminationTest {
    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP"})
    void aSignalEndsTheProcessInItsOwnOrderAndWithZero(String signal) throws Exception {
        try (ChildJvm child = ChildJvm.start(TerminatedProgram.class, "well")) {
            child.awaitLine("ready");

            child.signal(signal);

            assertThat(child.exitCode()).as(child.printed().toString()).isZero();
            assertThat(child.printed()).containsExactly("ready", "ending", "ended");
        }
    }

    @Test
    void aSecondSignalEndsAProcessThatDoesNotGetToItsEnd() throws Exception {
        try (ChildJvm child = ChildJvm.start(TerminatedProgram.class, "never")) {
            child.awaitLine("ready");
            child.signal("TERM");
            child.awaitLine("ending");

            child.signal("TERM");

            assertThat(child.exitCode()).isEqualTo(128 + 15);
        }
    }

    @Test
    void anEndThatFailsIsNoSuccess() throws Exception {
        try (ChildJvm child = ChildJvm.start(TerminatedProgram.class, "badly")) {
            child.awaitLine("ready");

            child.signal("TERM");

            assertThat(child.exitCode()).isOne();
            assertThat(child.printed()).contains("error: cannot end");
        }
    }
}
