package dev.countersign.testing;

import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Values from a seed, for property tests: {@code @MethodSource} over {@link #seeds}, then {@code new
 * Cases(seed)}. A failing case names its seed, so it can be run again alone.
 */
public final class Cases {
    private static final String LOWER = "abcdefghijklmnopqrstuvwxyz";
    private static final String DIGITS = "0123456789";

    /** Characters of a SPIFFE trust domain. */
    public static final String TRUST_DOMAIN_CHARACTERS = LOWER + DIGITS + ".-_";

    /** Characters of a segment of a SPIFFE path. */
    public static final String SEGMENT_CHARACTERS =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + TRUST_DOMAIN_CHARACTERS;

    private final RandomGenerator random;

    public Cases(long seed) {
        this.random = new Random(seed);
    }

    /** {@code count} seeds, the same in every run. */
    public static Stream<Long> seeds(int count) {
        return LongStream.range(0, count).boxed();
    }

    public RandomGenerator random() {
        return random;
    }

    /** Between both, inclusive. */
    public int between(int least, int most) {
        return random.nextInt(least, most + 1);
    }

    public boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }

    public <T> T oneOf(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    public String text(String characters, int least, int most) {
        int length = between(least, most);
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(characters.charAt(random.nextInt(characters.length())));
        }
        return text.toString();
    }

    public byte[] bytes(int least, int most) {
        byte[] bytes = new byte[between(least, most)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Any character at all, control and non-ASCII ones included. */
    public String anyText(int most) {
        int length = between(0, most);
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append((char) (chance(4) ? random.nextInt(0x10000) : random.nextInt(0x80)));
        }
        return text.toString();
    }

    /** A legal trust-domain name of at most {@code most} characters. */
    public String trustDomain(int most) {
        return text(TRUST_DOMAIN_CHARACTERS, 1, most);
    }

    /** A legal, non-empty SPIFFE path. */
    public String path() {
        StringBuilder path = new StringBuilder();
        int segments = between(1, 6);
        for (int i = 0; i < segments; i++) {
            String segment = text(SEGMENT_CHARACTERS, 1, 20);
            boolean dots = segment.equals(".") || segment.equals("..");
            path.append('/').append(dots ? "dots" : segment);
        }
        return path.toString();
    }

    /** A DNS label as Kubernetes names are: letters, digits, inner dashes. */
    public String label() {
        String alphanumeric = LOWER + DIGITS;
        return text(alphanumeric, 1, 1)
                + text(alphanumeric + "-", 0, 10)
                + text(alphanumeric, 1, 1);
    }
}
