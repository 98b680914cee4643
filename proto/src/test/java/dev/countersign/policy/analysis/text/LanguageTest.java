package dev.countersign.policy.analysis.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.testing.Cases;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LanguageTest {

    private final Automata automata = new Automata();

    static Stream<Long> seeds() {
        return Cases.seeds(300);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void setsBehaveAsSetsOfTheirStrings(long seed) {
        Cases cases = new Cases(seed);
        Language one = random(cases);
        Language two = random(cases);

        List<String> words = wordsUpTo(5);
        for (String word : words) {
            boolean a = one.contains(word);
            boolean b = two.contains(word);
            assertThat(one.and(two).contains(word)).as(word).isEqualTo(a && b);
            assertThat(one.or(two).contains(word)).as(word).isEqualTo(a || b);
            assertThat(one.minus(two).contains(word)).as(word).isEqualTo(a && !b);
            assertThat(one.complement().contains(word)).as(word).isEqualTo(!a);
        }
        assertThat(one.isWithin(two)).isEqualTo(one.minus(two).isEmpty());
        assertThat(one.overlaps(two)).isEqualTo(!one.and(two).isEmpty());
        assertThat(one.minus(one).isEmpty()).isTrue();
        assertThat(one.or(one.complement()).isEverything()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void thereIsAWitnessExactlyIfThereIsAMember(long seed) {
        Language language = random(new Cases(seed)).minus(random(new Cases(~seed)));

        String witness = language.witness(List.of());

        assertThat(language.isEmpty()).isEqualTo(witness == null);
        if (witness == null) {
            assertThat(wordsUpTo(5)).noneMatch(language::contains);
        } else {
            assertThat(language.contains(witness)).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void ofPatternsTheWitnessIsAShortestMember(long seed) {
        Cases cases = new Cases(seed);
        Language language =
                automata.of(Shape.glob(cases.text("ab", 0, 2) + "*" + cases.text("ab", 1, 2) + "*"))
                        .minus(automata.of(Shape.glob("*" + cases.text("ab", 1, 2))))
                        .minus(automata.of(Shape.glob(cases.text("ab", 2, 3) + "*")));

        String witness = language.witness(List.of());

        if (witness != null) {
            assertThat(wordsUpTo(Math.min(6, witness.length() - 1)))
                    .noneMatch(word -> word.length() < witness.length() && language.contains(word));
        }
    }

    @Test
    void theSameSetIsTheSameAutomaton() {
        Language either =
                automata.of(Shape.glob("a*")).or(automata.of(Shape.glob("*b"))).complement();
        Language neither =
                automata.of(Shape.glob("a*"))
                        .complement()
                        .and(automata.of(Shape.glob("*b")).complement());

        assertThat(either).isEqualTo(neither);
    }

    @Test
    void whatIsLeftOfAnInfiniteSetMayBeFewStrings() {
        Language left =
                automata.of(Shape.glob("a*"))
                        .minus(
                                automata.of(
                                        Shape.sequence(
                                                Shape.literal("a"), Shape.SOME, Shape.SOME)));

        assertThat(left.contains("ab")).isTrue();
        assertThat(left.strings()).as("one for each character and one more").isNull();
        assertThat(
                        left.minus(automata.of(Shape.sequence(Shape.literal("a"), Shape.SOME)))
                                .strings())
                .containsExactly("a");
    }

    @Test
    void aWitnessReadsLikeWhatPeopleWrite() {
        Language segment =
                automata.of(
                        Shape.sequence(Shape.literal("/orders/"), Shape.SOME, Shape.literal("")));

        assertThat(segment.witness(List.of())).isEqualTo("/orders/a");
        assertThat(segment.witness(List.of("/", "/orders/42"))).isEqualTo("/orders/42");
    }

    @Test
    void aPatternBeyondReasonIsRefusedAndNotTried() {
        assertThatThrownBy(() -> automata.of(Shape.glob("a".repeat(2049) + "*")))
                .isInstanceOf(TooLarge.class)
                .hasMessageContaining("2049");
    }

    /** Over the letters a and b, so that patterns meet. */
    private Language random(Cases cases) {
        Language language = automata.nothing();
        for (int i = cases.between(1, 3); i > 0; i--) {
            String text = cases.text("ab", 0, 3);
            Language one =
                    switch (cases.between(0, 6)) {
                        case 0 -> automata.of(List.of(text, cases.text("ab", 1, 4)));
                        case 1 -> automata.of(Shape.glob(text + "*"));
                        case 2 -> automata.of(Shape.glob("*" + text));
                        case 3 ->
                                automata.of(Shape.glob("*" + text + "*" + cases.text("ab", 1, 2)));
                        case 4 -> automata.of(new Shape.Repeated(Shape.literal(text)));
                        case 5 -> automata.of(Shape.SOME);
                        default -> automata.of(new Shape.FoldedLiteral(text));
                    };
            language =
                    switch (cases.between(0, 3)) {
                        case 0 -> language.complement().and(one);
                        case 1 -> one.minus(language);
                        default -> language.or(one);
                    };
        }
        return language;
    }

    private static List<String> wordsUpTo(int length) {
        List<String> words = new ArrayList<>(List.of(""));
        for (int i = 0; i < words.size() && words.get(i).length() < length; i++) {
            for (String letter : List.of("a", "b", "A")) {
                words.add(words.get(i) + letter);
            }
        }
        return words;
    }
}
