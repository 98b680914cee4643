package dev.countersign.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.reference.Shrinker;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is broken in the engine, the comparison with the reference notices. */
class MutationTest {

    private static final int MOST_PAIRS = 50_000;

    static Stream<Arguments> breakages() {
        return Breakages.all().entrySet().stream()
                .map(one -> Arguments.of(one.getKey(), one.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("breakages")
    void isNoticed(String name, UnaryOperator<PolicyCompiler> broken) {
        Optional<Shrinker.Case> difference =
                new Equivalence(broken, (policies, asked) -> {}).firstDifference(0, MOST_PAIRS);

        assertThat(difference).as(name).isPresent();
        // A minimal case is small: what it does not need has been left out.
        assertThat(difference.orElseThrow().world().policies()).hasSizeLessThanOrEqualTo(4);
    }
}
