package dev.countersign.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.authentication.JwtRule;
import dev.countersign.policy.authentication.MtlsMode;
import dev.countersign.policy.authentication.PeerAuthentication;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthenticationParserTest {
    private static final String PEER =
            """
            apiVersion: countersign.dev/v1
            kind: PeerAuthentication
            metadata: {name: p, namespace: shop}
            """;
    private static final String TOKENS =
            """
            apiVersion: security.istio.io/v1beta1
            kind: RequestAuthentication
            metadata: {name: t, namespace: shop}
            """;
    private static final String KEYS =
            "'{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":"
                    + "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}'";

    @Test
    void readsWhatIsSaidAboutMutualTls() throws PolicyRefused {
        ParsedPolicies parsed =
                parse(
                        PEER
                                + "spec: {selector: {matchLabels: {app: web}}, mtls: {mode:"
                                + " STRICT}, portLevelMtls: {8080: {mode: DISABLE}, '9090': {}}}");

        assertThat(parsed.policies()).isEmpty();
        assertThat(parsed.peerAuthentications())
                .containsExactly(
                        new PeerAuthentication(
                                ApiGroup.COUNTERSIGN,
                                "shop",
                                "p",
                                Map.of("app", "web"),
                                MtlsMode.STRICT,
                                Map.of(8080, MtlsMode.DISABLE, 9090, MtlsMode.UNSET)));
        assertThat(parse(PEER).peerAuthentications().getFirst().mode()).isEqualTo(MtlsMode.UNSET);
        assertThat(parse(PEER + "spec: {}").peerAuthentications()).hasSize(1);
    }

    @Test
    void readsEveryFieldOfARuleAboutTokens() throws PolicyRefused {
        JwtRule rule =
                parse(
                                TOKENS
                                        + """
                                        spec:
                                          jwtRules:
                                          - issuer: https://i
                                            audiences: [a]
                                            jwksUri: https://i/keys
                                            fromHeaders: [{name: X-Token, prefix: "Bearer "}]
                                            fromParams: [t]
                                            fromCookies: [c]
                                            outputPayloadToHeader: x-payload
                                            outputClaimToHeaders: [{header: x-sub, claim: sub}]
                                            forwardOriginalToken: true
                                            timeout: 1.5s
                                            spaceDelimitedClaims: [groups]
                                        """)
                        .requestAuthentications()
                        .getFirst()
                        .rules()
                        .getFirst();

        assertThat(rule)
                .isEqualTo(
                        new JwtRule(
                                "https://i",
                                List.of("a"),
                                null,
                                "https://i/keys",
                                List.of(new JwtRule.TokenHeader("X-Token", "Bearer ")),
                                List.of("t"),
                                List.of("c"),
                                "x-payload",
                                List.of(new JwtRule.ClaimHeader("x-sub", "sub")),
                                true,
                                Duration.ofMillis(1500),
                                List.of("groups")));
        assertThat(parse(TOKENS + "spec: {jwtRules: [{issuer: i, jwks: " + KEYS + "}]}"))
                .isNotNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{mtls: {mode: STRIKT}} | INVALID_VALUE | did you mean STRICT?",
                "{mtls: {mod: STRICT}} | UNKNOWN_FIELD | did you mean mode?",
                "{mtls: STRICT} | WRONG_TYPE | an object",
                "{portLevelMtls: {80: {mode: STRICT}}} | CONFLICT | matchLabels",
                "{selector: {matchLabels: {a: b}}, portLevelMtls: {}} | EMPTY | at least one port",
                "{selector: {matchLabels: {a: b}}, portLevelMtls: {0: {}}} | INVALID_VALUE | 1 to"
                        + " 65535",
                "{selector: {matchLabels: {a: b}}, portLevelMtls: {70000: {}}} | INVALID_VALUE | 1"
                        + " to",
                "{selector: {matchLabels: {a: b}}, portLevelMtls: {80: {}, '80': {}}} |"
                        + " DUPLICATE_KEY | once",
                "{selector: {matchLabels: {a: 'b*'}}} | INVALID_VALUE | wildcard",
                "{targetRef: {kind: Service, name: x}} | UNKNOWN_FIELD | one of"
            })
    void refusesAPeerAuthentication(String spec, Problem.Code code, String expected) {
        assertProblem(PEER + "spec: " + spec, code, expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{jwksUri: 'https://i'} | EMPTY | the iss",
                "{issuer: i} | MISSING | is not asked",
                "{issuer: i, jwksUri: 'http://i/keys'} | INVALID_VALUE | https",
                "{issuer: i, jwksUri: 'https://u:p@i/keys'} | INVALID_VALUE | without user",
                "{issuer: i, jwksUri: 'file:///etc/passwd'} | INVALID_VALUE | https",
                "{issuer: i, jwks: '{}', jwksUri: 'https://i'} | CONFLICT | one of the two",
                "{issuer: i, jwks: 'secret'} | INVALID_VALUE | a JWK set",
                "{issuer: i, jwks: '{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}'} |"
                        + " INVALID_VALUE | JWK",
                "{issuer: i, jwksUri: 'https://i', audiences: ['']} | EMPTY | an audience",
                "{issuer: i, jwksUri: 'https://i', fromHeaders: [{name: 'a b'}]} | INVALID_VALUE |"
                        + " header",
                "{issuer: i, jwksUri: 'https://i', fromHeaders: [{nme: a}]} | UNKNOWN_FIELD | did"
                        + " you mean name?",
                "{issuer: i, jwksUri: 'https://i', outputPayloadToHeader: Host} | INVALID_VALUE |"
                        + " routes",
                "{issuer: i, jwksUri: 'https://i', outputClaimToHeaders: [{header: x}]} | EMPTY |"
                        + " claim",
                "{issuer: i, jwksUri: 'https://i', forwardOriginalToken: 'yes'} | WRONG_TYPE | true"
                        + " or false",
                "{issuer: i, jwksUri: 'https://i', timeout: 5} | WRONG_TYPE | quotes",
                "{issuer: i, jwksUri: 'https://i', timeout: 5d} | INVALID_VALUE | 1ms to 1m",
                "{issuer: i, jwksUrl: 'https://i'} | UNKNOWN_FIELD | did you mean jwksUri?"
            })
    void refusesARuleAboutTokens(String rule, Problem.Code code, String expected) {
        assertProblem(TOKENS + "spec: {jwtRules: [" + rule + "]}", code, expected);
    }

    @Test
    void noMessageRepeatsAKey() {
        String secret = "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}";

        assertThat(problems(TOKENS + "spec: {jwtRules: [{issuer: i, jwks: '" + secret + "'}]}"))
                .allSatisfy(one -> assertThat(one.toString()).doesNotContain("c2VjcmV0"));
    }

    @Test
    void twoInOnePlaceAreRefusedAndOfIstioWarnedAbout() throws PolicyRefused {
        String two = PEER + "---\n" + PEER.replace("name: p,", "name: q,");
        String istio = two.replace("countersign.dev", "security.istio.io");

        assertThat(problems(two))
                .singleElement()
                .extracting(Problem::code)
                .isEqualTo(Problem.Code.CONFLICT);
        assertThat(parse(istio).warnings())
                .extracting(Notice::code)
                .containsExactly("SECOND_PEER_AUTHENTICATION");
        assertThat(problems(PEER + "---\n" + PEER))
                .extracting(Problem::code)
                .contains(Problem.Code.DUPLICATE_POLICY);
    }

    private static void assertProblem(String yaml, Problem.Code code, String expected) {
        assertThat(problems(yaml))
                .anySatisfy(one -> {
                    assertThat(one.code()).isEqualTo(code);
                    assertThat(one.expected()).contains(expected);
                    assertThat(one.line()).isPositive();
                });
    }

    private static ParsedPolicies parse(String yaml) throws PolicyRefused {
        return PolicyParser.parse("test.yaml", yaml.getBytes(StandardCharsets.UTF_8));
    }

    private static List<Problem> problems(String yaml) {
        PolicyRefused refused = catchThrowableOfType(PolicyRefused.class, () -> parse(yaml));
        return Objects.requireNonNull(refused, "accepted").problems();
    }
}
