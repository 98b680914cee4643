package dev.countersign.policy.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.match.Ascii;
import dev.countersign.policy.match.IpAddress;
import dev.countersign.policy.match.IpBlock;
import dev.countersign.testing.Cases;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiPredicate;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each index against going through every key. */
class IndexesTest {

    /** More than one summary holds. */
    private static final int LIMIT = 5_000;

    private final Cases cases = new Cases(3);
    private final Map<Integer, String> asked = new HashMap<>();

    static List<TextIndex.Reading> readings() {
        return List.of(TextIndex.Reading.values());
    }

    @ParameterizedTest
    @MethodSource("readings")
    void prefixesAndSuffixes(TextIndex.Reading reading) {
        Map<String, RuleNumbers> keys = keys(() -> cases.text("abAB/", 0, 6));
        TextIndex index = new TextIndex(reading, Map.of(), keys, others(), LIMIT);

        for (int i = 0; i < 200; i++) {
            String text = cases.text("abAB/", 0, 9);
            finds(index.find(text), matching((key, value) -> matches(reading, key, value), text));
        }
        finds(index.find(null), rule -> !asked.containsKey(rule));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 40, 400})
    void manyPrefixesOfOneAnother(int length) {
        Map<String, RuleNumbers> keys = new HashMap<>();
        for (int i = 0; i < 400; i++) {
            asked.put(i, "a".repeat(i));
            keys.computeIfAbsent("a".repeat(i), k -> new RuleNumbers()).add(i);
        }
        TextIndex index =
                new TextIndex(TextIndex.Reading.FROM_START, Map.of(), keys, others(), LIMIT);

        Postings found = index.find("a".repeat(length));

        // Keys longer than the tree is deep may be proposed to texts that only begin like them.
        for (int rule = 0; rule < 256; rule++) {
            assertThat(has(found, rule)).isEqualTo(rule <= length);
        }
        for (int rule = 256; rule < 400; rule++) {
            assertThat(has(found, rule)).isEqualTo(length >= 256);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void wholeTextsTogetherWithPrefixes(long seed) {
        Cases random = new Cases(seed);
        Map<String, RuleNumbers> wholes = keys(() -> random.text("ab/", 0, 5));
        Map<Integer, String> exact = Map.copyOf(asked);
        Map<String, RuleNumbers> prefixes = new HashMap<>();
        Map<Integer, String> begins = new HashMap<>();
        for (int rule = 1; rule < LIMIT; rule += 2) {
            if (!exact.containsKey(rule)) {
                begins.put(rule, random.text("ab/", 0, 4));
                prefixes.computeIfAbsent(begins.get(rule), k -> new RuleNumbers()).add(rule);
            }
        }
        asked.putAll(begins);
        TextIndex index =
                new TextIndex(TextIndex.Reading.FROM_START, wholes, prefixes, others(), LIMIT);

        for (int i = 0; i < 100; i++) {
            String text = random.text("ab/", 0, 6);
            finds(
                    index.find(text),
                    rule ->
                            exact.containsKey(rule)
                                    ? text.equals(exact.get(rule))
                                    : !begins.containsKey(rule)
                                            || text.startsWith(begins.get(rule)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ns/", "/sa/"})
    void segments(String marker) {
        Map<String, RuleNumbers> keys = keys(() -> cases.text("ab.", 0, 3));
        SegmentIndex index = new SegmentIndex(marker, keys, others(), LIMIT);

        for (int i = 0; i < 200; i++) {
            String name = cases.text("ab.", 0, 3);
            finds(index.find("td" + marker + name + "/x"), matching(String::equals, name));
            finds(index.find("td" + marker + name), matching(String::equals, name));
        }
        finds(index.find("td/a"), rule -> !asked.containsKey(rule));
        finds(index.find(null), rule -> !asked.containsKey(rule));
        finds(index.find("td" + marker + "a" + marker + "b"), rule -> true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.%d.%d.%d", "2001:db8:%x:%x::%x"})
    void blocksWithinBlocks(String form) {
        List<Integer> prefixes = List.of(0, 7, 8, 20, 31, 32, 40, 64, 65, 127, 128);
        Map<IpBlock, RuleNumbers> keys = new HashMap<>();
        Map<Integer, IpBlock> blocks = new HashMap<>();
        for (int rule = 0; rule < LIMIT; rule += 3) {
            IpAddress address = address(form);
            int most = address.v4() ? 32 : 128;
            IpBlock block = new IpBlock(address, Math.min(most, cases.oneOf(prefixes))).canonical();
            blocks.put(rule, block);
            asked.put(rule, block.toString());
            keys.computeIfAbsent(block, k -> new RuleNumbers()).add(rule);
        }
        AddressIndex index = new AddressIndex(keys, others(), LIMIT);

        for (int i = 0; i < 100; i++) {
            IpAddress address = address(form);
            finds(
                    index.find(address),
                    rule -> !blocks.containsKey(rule) || blocks.get(rule).contains(address));
        }
        finds(index.find(null), rule -> !blocks.containsKey(rule));
    }

    @ParameterizedTest
    @ValueSource(ints = {79, 80, 81, 65535})
    void ports(int port) {
        Map<Integer, RuleNumbers> keys = new HashMap<>();
        for (int rule = 0; rule < LIMIT; rule += 2) {
            asked.put(rule, "" + (80 + rule % 4));
            keys.computeIfAbsent(80 + rule % 4, k -> new RuleNumbers()).add(rule);
        }

        finds(
                new PortIndex(keys, others(), LIMIT).find(port),
                rule -> !asked.containsKey(rule) || asked.get(rule).equals("" + port));
    }

    /** For every third rule a key. */
    private Map<String, RuleNumbers> keys(Supplier<String> make) {
        Map<String, RuleNumbers> keys = new HashMap<>();
        for (int rule = 0; rule < LIMIT; rule += 3) {
            asked.put(rule, make.get());
            keys.computeIfAbsent(Objects.requireNonNull(asked.get(rule)), k -> new RuleNumbers())
                    .add(rule);
        }
        return keys;
    }

    private Postings others() {
        RuleNumbers others = new RuleNumbers();
        for (int rule = 0; rule < LIMIT; rule++) {
            if (!asked.containsKey(rule)) {
                others.add(rule);
            }
        }
        return Postings.of(others, LIMIT, null);
    }

    private IntPredicate matching(BiPredicate<String, String> matches, String text) {
        return rule -> {
            String key = asked.get(rule);
            return key == null || matches.test(key, text);
        };
    }

    private IpAddress address(String form) {
        return Objects.requireNonNull(
                IpAddress.parse(
                        form.formatted(
                                cases.between(0, 3), cases.between(0, 3), cases.between(0, 3))));
    }

    private static boolean matches(TextIndex.Reading reading, String key, String text) {
        return switch (reading) {
            case FROM_START -> text.startsWith(key);
            case FROM_END -> text.endsWith(key);
            case FROM_START_FOLDED -> folded(text).startsWith(folded(key));
            case FROM_END_FOLDED -> folded(text).endsWith(folded(key));
        };
    }

    private static String folded(String text) {
        StringBuilder folded = new StringBuilder();
        text.chars().forEach(c -> folded.append(Ascii.fold((char) c)));
        return folded.toString();
    }

    private static void finds(Postings found, IntPredicate expected) {
        List<Integer> wrong = new ArrayList<>();
        for (int rule = 0; rule < LIMIT; rule++) {
            if (has(found, rule) != expected.test(rule)) {
                wrong.add(rule);
            }
        }
        assertThat(wrong).isEmpty();
    }

    /** As an index is read: no word without its summary. */
    private static boolean has(Postings postings, int rule) {
        int word = rule >>> 6;
        boolean summarized = (postings.summary(word >>> 6) & 1L << word) != 0;
        boolean held = (postings.word(word) & 1L << rule) != 0;
        return held && summarized;
    }
}
