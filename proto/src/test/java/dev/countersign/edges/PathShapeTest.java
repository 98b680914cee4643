package dev.countersign.edges;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.edges.PathShape.Grain;
import dev.countersign.policy.match.PathTemplate;
import dev.countersign.policy.match.StringMatchers;
import dev.countersign.testing.Cases;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PathShapeTest {
    @ParameterizedTest
    @CsvSource({
        "/,/",
        "/orders,/orders",
        "/orders/,/orders/",
        "/orders/42,/orders/{*}",
        "/orders/42/,/orders/{*}/",
        "/orders/42/items/7,/orders/{*}/items/{*}",
        "/v1/orders,/v1/orders",
        "/users/3b241101-e2bb-4255-8caf-4136c566a962,/users/{*}",
        "/blobs/deadbeef01,/blobs/{*}",
        "/blobs/deadbeef,/blobs/deadbeef",
        "/days/2026-03-01,/days/{*}",
        "/reports/sales-20260301,/reports/{*}",
        "/mail/me@example.org,/mail/{*}",
        "/search/a%20b,/search/{*}",
        "/t/aaaaaaaaaaaaaaaaaaaaaaaa,/t/aaaaaaaaaaaaaaaaaaaaaaaa",
        "/t/aaaaaaaaaaaaaaaaaaaaaaaaa,/t/{*}",
        "/pkg.Service/Method,/pkg.Service/Method",
        "/a/b/c/d/e/f/g/h/i/j/k/l,/a/b/c/d/e/f/g/h/i/j/k/l",
        "/a/b/c/d/e/f/g/h/i/j/k/l/m/n,/a/b/c/d/e/f/g/h/i/j/k/l/{**}",
        "/a//b,/a/*",
        "/a/42/{x},/a/*",
        "/a/b*,/a/*",
        "*,*",
        "host:443,*"
    })
    void aPathIsCountedUnderItsTemplate(String path, String template) {
        assertThat(PathShape.of(path, Grain.FULL)).isEqualTo(template);
    }

    @ParameterizedTest
    @CsvSource({
        "/orders/42,/orders/{**},/{**}",
        "/orders,/{**},/{**}",
        "/42/orders,/{**},/{**}",
        "/orders/{,/orders/*,/*",
        "/{/orders,/*,/*"
    })
    void coarserGrainsTellLess(String path, String first, String nothing) {
        assertThat(PathShape.of(path, Grain.FIRST_SEGMENT)).isEqualTo(first);
        assertThat(PathShape.of(path, Grain.NOTHING)).isEqualTo(nothing);
    }

    static Stream<Long> seeds() {
        return Cases.seeds(200);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyTemplateIsAPathOfAPolicyAndCoversWhatItWasMadeOf(long seed) {
        Cases cases = new Cases(seed);
        for (int i = 0; i < 200; i++) {
            String path = path(cases);
            for (Grain grain : Grain.values()) {
                String template = PathShape.of(path, grain);

                assertThat(PathTemplate.fault(template)).as(path).isNull();
                assertThat(StringMatchers.path(template).matches(path))
                        .as("%s covers %s", template, path)
                        .isTrue();
                assertThat(template).hasSizeLessThanOrEqualTo(PathShape.MAX_LENGTH);
                assertThat(PathShape.matches(template, path, grain)).as(path).isTrue();
                if (!template.startsWith("*")) {
                    assertThat(PathShape.matches(template + "x", path, grain)).isFalse();
                    assertThat(PathShape.matches("/x" + template, path, grain)).isFalse();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void twoPathsOfOneTemplateHashAlikeAndMatchIt(long seed) {
        Cases cases = new Cases(seed);
        String one =
                "/orders/" + cases.between(0, 99_999) + "/items/" + cases.text("abcdef0", 30, 40);
        String other =
                "/orders/" + cases.between(0, 9) + "/items/" + cases.text("0123456789", 9, 20);

        String template = PathShape.of(one, Grain.FULL);

        assertThat(template).isEqualTo("/orders/{*}/items/{*}");
        assertThat(PathShape.matches(template, other, Grain.FULL)).isTrue();
        assertThat(PathShape.hash(one, Grain.FULL)).isEqualTo(PathShape.hash(other, Grain.FULL));
        assertThat(PathShape.matches(template, other + "/x", Grain.FULL)).isFalse();
    }

    @Test
    void hashesTellOrdinaryPathsApart() {
        Set<Integer> hashes = new HashSet<>();
        List<String> words = List.of("orders", "items", "carts", "users", "health", "login");
        for (String one : words) {
            for (String two : words) {
                hashes.add(PathShape.hash("/" + one + "/" + two, Grain.FULL));
            }
        }

        assertThat(hashes).hasSize(words.size() * words.size());
    }

    /** Of everything that a request line may hold, with a liking for what hurts. */
    private static String path(Cases cases) {
        StringBuilder path = new StringBuilder();
        int segments = cases.between(1, 16);
        for (int i = 0; i < segments; i++) {
            path.append('/').append(segment(cases));
        }
        return path.toString();
    }

    private static String segment(Cases cases) {
        return switch (cases.between(0, 9)) {
            case 0 -> cases.text("0123456789", 1, 30);
            case 1 -> cases.text("0123456789abcdef", 1, 40);
            case 2 -> cases.chance(10) ? "" : "x";
            case 3 -> cases.chance(10) ? "{*}" : "y";
            case 4 -> cases.text("aé*{}%\"<\u202e~!", 1, 3);
            case 5 -> cases.text("0123456789-._:,", 1, 12);
            default -> cases.text("abcdefghijklmnopqrstuvwxyz.-", 1, 30);
        };
    }
}
