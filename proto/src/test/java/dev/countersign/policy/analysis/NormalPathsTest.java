package dev.countersign.policy.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.PathNormalizer;
import dev.countersign.policy.PathNormalizer.Mode;
import dev.countersign.policy.analysis.text.Automata;
import dev.countersign.policy.analysis.text.Language;
import dev.countersign.testing.Cases;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NormalPathsTest {

    private static final String CHARACTERS = "//..%%25efEF0041*a\\#?\0é";

    @ParameterizedTest
    @EnumSource
    void theLanguageIsWhatTheNormalizerCallsNormal(Mode mode) {
        Language normal = NormalPaths.of(mode, new Automata());
        Cases cases = new Cases(mode.name().length());
        int found = 0;
        for (int i = 0; i < 30_000; i++) {
            String path = (cases.chance(10) ? "" : "/") + cases.text(CHARACTERS, 0, 9);
            boolean expected = PathNormalizer.isNormal(mode, path);
            found += expected ? 1 : 0;

            assertThat(normal.contains(path)).as(path).isEqualTo(expected);
        }
        assertThat(found).isBetween(500, 29_500);
    }
}
