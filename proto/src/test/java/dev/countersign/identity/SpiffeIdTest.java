package dev.countersign.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.countersign.testing.Cases;
import java.net.URI;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SPIFFE-ID, section 2; numbers in comments are those of the project's list of SPIFFE rules. */
final class SpiffeIdTest {
    private static final TrustDomain TD = new TrustDomain("td");

    static Stream<Long> seeds() {
        return Cases.seeds(500);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "spiffe:///a", // 2
                "spiffe://", // 2
                "spiffe:/", // 1
                "spiffe", // 1
                "", // 1
                "td/a", // 1
                "//td/a", // 1
                "http://td/a", // 1
                "spiffes://td/a", // 1
                " spiffe://td/a", // 1
                "spiffe://td/a?x=1", // 3
                "spiffe://td/a?", // 3
                "spiffe://td/a#f", // 3
                "spiffe://td/a#", // 3
                "spiffe://td?x", // 3
                "spiffe://td:8080/a", // 4
                "spiffe://td:/a", // 4
                "spiffe://u@td/a", // 4
                "spiffe://u:p@td/a", // 4
                "spiffe://@td/a", // 4
                "spiffe://t$d/a", // 6
                "spiffe://t d/a", // 6
                "spiffe://t\u00e4/a", // 6
                "spiffe://t%64/a", // 7
                "spiffe://[::1]/a", // 8
                "spiffe://td/%41", // 9
                "spiffe://td/a%2Fb", // 9
                "spiffe://td/a//b", // 10
                "spiffe://td//a", // 10
                "spiffe://td/./a", // 10
                "spiffe://td/a/./b", // 10
                "spiffe://td/a/../b", // 10
                "spiffe://td/..", // 10
                "spiffe://td/.", // 10
                "spiffe://td/a/", // 11
                "spiffe://td/", // 11
                "spiffe://td/a!b", // 12
                "spiffe://td/a b", // 12
                "spiffe://td/a\\b", // 12
                "spiffe://td/a\u0000", // 12
                "spiffe://td/\uff41", // 12: full-width a
                "spiffe://td/a\n", // 12
            })
    void refuses(String text) {
        assertThatThrownBy(() -> SpiffeId.parse(text)).isInstanceOf(MalformedIdentity.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "spiffe://td",
                "spiffe://td/a",
                "spiffe://td/A.b-c_D/...",
                "spiffe://td/..a/.b/c.",
                "spiffe://10.0.0.1/x", // 8
                "spiffe://my_td.example/x",
                "spiffe://1.2.3/x",
                "spiffe://abc-/x",
                "spiffe://a..b/x",
                "spiffe://-/x",
                "spiffe://./x",
            })
    void acceptsAndPrintsUnchanged(String text) {
        assertThat(SpiffeId.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"my_td.example", "1.2.3", "abc-", "a..b"})
    void readsTrustDomainsForWhichUriHasNoHost(String name) {
        String text = "spiffe://" + name + "/x";

        assertThat(URI.create(text).getHost()).as("the trap this parser avoids").isNull();
        assertThat(SpiffeId.parse(text).trustDomain().name()).isEqualTo(name);
    }

    @Test
    void schemeAndTrustDomainComeInAnyCaseAndLeaveInLower() {
        // 1, 5
        assertThat(SpiffeId.parse("SpIfFe://Td.EXAMPLE/Path"))
                .hasToString("spiffe://td.example/Path");
    }

    @Test
    void pathsAreCaseSensitive() {
        // 5
        assertThat(SpiffeId.parse("spiffe://td/a")).isNotEqualTo(SpiffeId.parse("spiffe://td/A"));
    }

    @Test
    void loweringIsAsciiOnly() {
        // the Kelvin sign becomes k, the dotted capital I an i, under Unicode rules
        for (String trick : new String[] {"\u212a", "\u0130"}) {
            assertThatThrownBy(() -> SpiffeId.parse("spiffe://" + trick + "/a"))
                    .isInstanceOf(MalformedIdentity.class);
        }
        assertThat("\u212a".toLowerCase(Locale.ROOT)).isEqualTo("k");
    }

    @Test
    void takes2048BytesAndNoMore() {
        // 13
        String longest = "spiffe://td/" + "a".repeat(2048 - 12);

        assertThat(SpiffeId.parse(longest).toString()).hasSize(2048);
        assertThatThrownBy(() -> SpiffeId.parse(longest + "a"))
                .hasMessageContaining("at most 2048 bytes");
        assertThatThrownBy(() -> new SpiffeId(TD, longest.substring(11) + "a"))
                .hasMessageContaining("at most 2048 bytes");
    }

    @Test
    void takesTrustDomainsOf255BytesAndNoMore() {
        // 14
        String longest = "t".repeat(255);

        assertThat(SpiffeId.parse("spiffe://" + longest).trustDomain().name()).hasSize(255);
        assertThatThrownBy(() -> SpiffeId.parse("spiffe://" + longest + "t"))
                .hasMessageContaining("at most 255");
    }

    @Test
    void constructorsCheckAsParsingDoes() {
        for (String path : new String[] {"a", "/", "/a/", "//", "/..", "/a b"}) {
            assertThatThrownBy(() -> new SpiffeId(TD, path)).isInstanceOf(MalformedIdentity.class);
        }
        assertThatThrownBy(() -> new TrustDomain("TD")).isInstanceOf(MalformedIdentity.class);
        assertThatThrownBy(() -> new TrustDomain("")).isInstanceOf(MalformedIdentity.class);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatIsLegalIsReadPrintedAndReadAgainAsTheSame(long seed) {
        Cases cases = new Cases(seed);
        String text = "spiffe://" + cases.trustDomain(60) + (cases.chance(5) ? "" : cases.path());

        SpiffeId id = SpiffeId.parse(text);

        assertThat(id).hasToString(text);
        assertThat(SpiffeId.parse(id.toString())).isEqualTo(id);
        assertThat(id.toString()).matches("spiffe://[a-z0-9._-]+(/[A-Za-z0-9._-]+)*");
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatIsReadAtAllHasTheShapeOfTheSpecification(long seed) {
        // given: a legal ID with a few characters changed
        Cases cases = new Cases(seed);
        StringBuilder text = new StringBuilder("spiffe://" + cases.trustDomain(10) + cases.path());
        for (int i = cases.between(1, 3); i > 0; i--) {
            text.insert(cases.between(0, text.length()), cases.anyText(2));
        }

        Throwable refused = catchThrowable(() -> SpiffeId.parse(text.toString()));

        if (refused == null) {
            assertThat(text.toString())
                    .matches(
                            "(?i:spiffe)://[A-Za-z0-9._-]{1,255}(/(?!\\.{1,2}(/|$))[A-Za-z0-9._-]+)*");
        } else {
            assertThat(refused).isInstanceOf(MalformedIdentity.class);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void orderAgreesWithEqualityAndText(long seed) {
        Cases cases = new Cases(seed);
        SpiffeId one = new SpiffeId(TD, cases.path());
        SpiffeId two = new SpiffeId(TD, cases.path());

        assertThat(Integer.signum(one.compareTo(two)))
                .isEqualTo(-Integer.signum(two.compareTo(one)));
        assertThat(one.compareTo(two) == 0).isEqualTo(one.equals(two));
    }
}
