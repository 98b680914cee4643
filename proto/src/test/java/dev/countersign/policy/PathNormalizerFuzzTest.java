package dev.countersign.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** Whatever the target: a refusal, or a form that normalises to itself. */
class PathNormalizerFuzzTest {

    @FuzzTest(maxDuration = "20s")
    void endsInARefusalOrAFixedPoint(FuzzedDataProvider data) {
        PathNormalizer.Mode mode = data.pickValue(PathNormalizer.Mode.values());
        String target = data.consumeRemainingAsString();

        if (PathNormalizer.normalize(mode, target) instanceof NormalizedPath.Ok once) {
            assertThat(PathNormalizer.normalize(mode, once.path()))
                    .isEqualTo(new NormalizedPath.Ok(mode, once.path(), once.path()));
            assertThat(once.path()).doesNotContain("#", "?", "\u0000", "%00");
            if (mode != PathNormalizer.Mode.NONE) {
                assertThat(once.path() + "/").doesNotContain("/../", "/./", "\\");
            }
        }
    }
}
