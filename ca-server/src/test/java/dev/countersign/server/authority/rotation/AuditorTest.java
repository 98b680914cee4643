package dev.countersign.server.authority.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class AuditorTest {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Auditor auditor = new Auditor();
    private final RotationState active = Roots.active();

    @Test
    void whatHoldsIsLeftAlone() {
        assertThat(look(Duration.ZERO, Roots.agent("shop/web", 4)))
                .isEqualTo(new Auditor.Finding.Holds());
    }

    @Test
    void anAgentThatComesBackIsGivenTimeToSayWhatItLoaded() {
        Verifier back = Roots.agent("shop/web", 2);

        assertThat(look(Duration.ZERO, back)).isInstanceOf(Auditor.Finding.Suspected.class);
        assertThat(look(Duration.ofSeconds(1), Roots.agent("shop/web", 4)))
                .isEqualTo(new Auditor.Finding.Holds());
        assertThat(look(Duration.ofSeconds(20), back))
                .as("counted anew")
                .isInstanceOf(Auditor.Finding.Suspected.class);
    }

    @Test
    void whatStaysBrokenStopsTheRotation() {
        Verifier behind = Roots.agent("shop/web", 2);
        look(Duration.ZERO, behind);

        assertThat(look(Duration.ofSeconds(14), behind))
                .isInstanceOf(Auditor.Finding.Suspected.class);
        assertThat(look(Duration.ofSeconds(15), behind))
                .isInstanceOfSatisfying(
                        Auditor.Finding.Broken.class,
                        broken -> assertThat(broken.what()).startsWith("R1: shop/web"));
    }

    private Auditor.Finding look(Duration later, Verifier verifier) {
        return auditor.look(active, Roots.seen(later, verifier), PATIENCE);
    }
}
