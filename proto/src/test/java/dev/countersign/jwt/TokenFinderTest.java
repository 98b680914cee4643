package dev.countersign.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jwt.FoundToken.Place;
import dev.countersign.policy.authentication.JwtRule;
import dev.countersign.policy.authentication.JwtRule.TokenHeader;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokenFinderTest {
    private static final TokenFinder USUAL = new TokenFinder(List.of(JwtRule.ofKeys("i", "{}")));

    @Test
    void theUsualPlacesAreLookedAtWhereNoneIsNamed() {
        assertThat(USUAL.find(parts(Map.of("authorization", List.of("Bearer a.b.c")), "")))
                .containsExactly(new FoundToken(Place.HEADER, "authorization", "a.b.c"));
        assertThat(USUAL.find(parts(Map.of("authorization", List.of("bearer a.b.c")), "")))
                .hasSize(1);
        assertThat(USUAL.find(parts(Map.of(), "x=1&access_token=a.b.c&y")))
                .containsExactly(new FoundToken(Place.PARAMETER, "access_token", "a.b.c"));
        assertThat(USUAL.find(parts(Map.of("authorization", List.of("Basic eDp5")), ""))).isEmpty();
        assertThat(USUAL.find(parts(Map.of("x-token", List.of("a.b.c")), "token=a"))).isEmpty();
    }

    @Test
    void namedPlacesReplaceTheUsualOnes() {
        JwtRule rule =
                new JwtRule(
                        "i",
                        List.of(),
                        "{}",
                        null,
                        List.of(new TokenHeader("X-Token", ""), new TokenHeader("x-jwt", "JWT ")),
                        List.of("t"),
                        List.of("session"),
                        null,
                        List.of(),
                        false,
                        null,
                        List.of());
        TokenFinder finder = new TokenFinder(List.of(rule));

        assertThat(finder.find(parts(Map.of("authorization", List.of("Bearer a")), ""))).isEmpty();
        assertThat(
                        finder.find(
                                parts(
                                        Map.of(
                                                "x-token", List.of("a"),
                                                "x-jwt", List.of("JWT b"),
                                                "cookie", List.of("a=1; session=c;d", "session=e")),
                                        "t=f&t=g")))
                .extracting(FoundToken::token)
                .containsExactlyInAnyOrder("a", "b", "c", "e", "f", "g");
    }

    @Test
    void severalFieldLinesAreSeveralTokens() {
        assertThat(
                        USUAL.find(
                                parts(
                                        Map.of("authorization", List.of("Bearer a", "Bearer b")),
                                        "access_token=c")))
                .hasSize(3);
    }

    private static RequestParts parts(Map<String, List<String>> headers, String query) {
        return new RequestParts() {
            @Override
            public List<String> headers(String lowerCaseName) {
                return headers.getOrDefault(lowerCaseName, List.of());
            }

            @Override
            public String query() {
                return query;
            }
        };
    }
}
