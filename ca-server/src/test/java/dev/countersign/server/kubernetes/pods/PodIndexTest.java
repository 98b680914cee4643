package dev.countersign.server.kubernetes.pods;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.testing.ChildJvm;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PodIndexTest {
    /** In a process of its own, where nobody else uses memory. */
    @Test
    void aHundredThousandPodsTakeLessThanOneAndAHalfKilobytesEach() throws Exception {
        try (ChildJvm fill = ChildJvm.start(PodIndexFill.class, "100000")) {
            fill.awaitLine("bytes-per-pod=");
            String line = fill.printed().getLast();
            System.out.println(line);

            int each = Integer.parseInt(line.substring(line.lastIndexOf('=') + 1));
            assertThat(each).isBetween(100, 1500);
        }
    }

    @Test
    void theEmptySelectorSelectsNothing() {
        PodLabels labels = PodLabels.of(Map.of("app", "web", "version", "1"), new Shared());

        assertThat(labels.matches(Map.of())).isFalse();
        assertThat(labels.matches(Map.of("app", "web"))).isTrue();
        assertThat(labels.matches(Map.of("app", "web", "version", "2"))).isFalse();
        assertThat(labels.matches(Map.of("tier", "web"))).isFalse();
    }

    @Test
    void equalLabelsAreHeldOnce() {
        Shared shared = new Shared();

        PodLabels one = PodLabels.of(Map.of("app", new String("web")), shared);
        PodLabels other = PodLabels.of(Map.of("app", new String("web")), shared);

        assertThat(other).isSameAs(one);
    }
}
