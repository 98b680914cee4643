package dev.countersign.server.attestation.serviceaccount;

import static dev.countersign.server.attestation.serviceaccount.TokenForge.at;
import static dev.countersign.server.attestation.serviceaccount.TokenForge.base64;
import static dev.countersign.server.attestation.serviceaccount.TokenForge.claims;
import static dev.countersign.server.attestation.serviceaccount.TokenForge.edited;
import static dev.countersign.server.attestation.serviceaccount.TokenForge.good;
import static dev.countersign.server.attestation.serviceaccount.TokenForge.json;
import static dev.countersign.server.attestation.serviceaccount.TokenForge.signed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.server.attestation.AttestationRefused;
import dev.countersign.server.attestation.AttestationRefused.Reason;
import dev.countersign.server.attestation.Attestor;
import dev.countersign.server.attestation.AttestorContract;
import dev.countersign.server.attestation.BearerToken;
import dev.countersign.server.attestation.WorkloadClaims;
import dev.countersign.testing.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ServiceAccountTokenAttestorTest extends AttestorContract {
    private static final Instant NOW = MutableClock.START;
    private static final String GOOD_HEADER = "{\"alg\":\"RS256\",\"kid\":\"key-1\"}";

    private final MutableClock clock = MutableClock.create();
    private final InMemoryJwks jwks = new InMemoryJwks(TokenForge.jwks(TokenForge.RSA));

    @Override
    protected Attestor attestor() {
        return attestor(TokenSettings.of(TokenForge.ISSUER));
    }

    @Override
    protected BearerToken believed() {
        return good(NOW);
    }

    @Override
    protected List<BearerToken> notBelieved() {
        return List.of(
                new BearerToken("garbage.garbage.garbage"),
                edited(NOW, claims -> claims.put("iss", "https://evil.example/\n\u001b[31m")),
                edited(NOW, claims -> claims.put("aud", "x".repeat(5000))),
                edited(NOW, claims -> at(claims, "kubernetes.io", "pod").put("uid", "\r\n")),
                signed("{\"alg\":\"RS256\",\"kid\":\"other\"}", json(claims(NOW)), TokenForge.RSA));
    }

    @Test
    void aProjectedTokenNamesItsWorkload() throws AttestationRefused {
        WorkloadClaims claims = attestor().attest(evidence(good(NOW)));

        assertThat(claims.account()).isEqualTo(new ServiceAccountName("shop", "web"));
        assertThat(claims.accountUid()).isEqualTo("77aa-sa");
        assertThat(claims.podName()).isEqualTo("web-0");
        assertThat(claims.podUid()).isEqualTo("6a1f-pod");
        assertThat(claims.nodeName()).contains("node-1");
        assertThat(claims.until()).isEqualTo(NOW.plusSeconds(3540));
    }

    @Test
    void aTokenWithoutNodeIsGood() throws AttestationRefused {
        BearerToken token = edited(NOW, claims -> at(claims, "kubernetes.io").remove("node"));

        assertThat(attestor().attest(evidence(token)).nodeName()).isEqualTo(Optional.empty());
    }

    @Test
    void ourAudienceMayBeOneOfSeveralOrStandAlone() throws AttestationRefused {
        BearerToken several =
                edited(NOW, claims -> claims.put("aud", Arrays.asList("vault", "countersign")));
        BearerToken alone = edited(NOW, claims -> claims.put("aud", "countersign"));

        assertThat(attestor().attest(evidence(several)).podName()).isEqualTo("web-0");
        assertThat(attestor().attest(evidence(alone)).podName()).isEqualTo("web-0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"
            })
    void everyListedAlgorithmIsChecked(String algorithm) throws AttestationRefused {
        JWK key =
                switch (algorithm) {
                    case "ES256" -> TokenForge.ec("key-1", Curve.P_256);
                    case "ES384" -> TokenForge.ec("key-1", Curve.P_384);
                    case "ES512" -> TokenForge.ec("key-1", Curve.P_521);
                    default -> TokenForge.RSA;
                };
        jwks.set(TokenForge.jwks(key));
        String header = "{\"alg\":\"" + algorithm + "\",\"kid\":\"key-1\"}";
        BearerToken token = signed(header, json(claims(NOW)), key);
        BearerToken changed =
                new BearerToken(
                        base64(header)
                                + "."
                                + base64(json(claims(NOW)).replace("web", "adm"))
                                + token.reveal().substring(token.reveal().lastIndexOf('.')));

        assertThat(attestor().attest(evidence(token)).podName()).isEqualTo("web-0");
        assertThat(reason(changed)).isEqualTo(Reason.TOKEN_BAD_SIGNATURE);
    }

    static Stream<Arguments> wrongClaims() {
        return Stream.of(
                wrong("expired", Reason.TOKEN_EXPIRED, c -> c.put("exp", seconds(-10))),
                wrong("nbf ahead", Reason.TOKEN_NOT_YET_VALID, c -> c.put("nbf", seconds(11))),
                wrong("iat ahead", Reason.TOKEN_NOT_YET_VALID, c -> c.put("iat", seconds(11))),
                wrong("exp before iat", Reason.TOKEN_MALFORMED, c -> backwards(c)),
                wrong("exp a fraction", Reason.TOKEN_MALFORMED, c -> c.put("exp", 1.5e9)),
                wrong("exp huge", Reason.TOKEN_MALFORMED, c -> c.put("exp", Long.MAX_VALUE)),
                wrong("no nbf", Reason.TOKEN_MALFORMED, c -> c.remove("nbf")),
                wrong("no iat", Reason.TOKEN_MALFORMED, c -> c.remove("iat")),
                wrong("year-long", Reason.TOKEN_LIVES_TOO_LONG, c -> stretch(c)),
                wrong("other audience", Reason.TOKEN_WRONG_AUDIENCE, c -> c.put("aud", "vault")),
                wrong("no audience", Reason.TOKEN_WRONG_AUDIENCE, c -> c.remove("aud")),
                wrong(
                        "audience case",
                        Reason.TOKEN_WRONG_AUDIENCE,
                        c -> c.put("aud", "Countersign")),
                wrong("odd audience", Reason.TOKEN_MALFORMED, c -> c.put("aud", Arrays.asList(1))),
                wrong("other issuer", Reason.TOKEN_WRONG_ISSUER, c -> c.put("iss", "https://evil")),
                wrong(
                        "issuer with a slash",
                        Reason.TOKEN_WRONG_ISSUER,
                        c -> c.put("iss", TokenForge.ISSUER + "/")),
                wrong("no issuer", Reason.TOKEN_MALFORMED, c -> c.remove("iss")),
                wrong(
                        "legacy issuer",
                        Reason.TOKEN_LEGACY,
                        c -> c.put("iss", "kubernetes/serviceaccount")),
                wrong(
                        "legacy claims",
                        Reason.TOKEN_LEGACY,
                        c -> c.put("kubernetes.io/serviceaccount/secret.name", "web-token-x")),
                wrong("no exp", Reason.TOKEN_LEGACY, c -> c.remove("exp")),
                wrong("no binding", Reason.TOKEN_NOT_BOUND_TO_POD, c -> c.remove("kubernetes.io")),
                wrong(
                        "no pod",
                        Reason.TOKEN_NOT_BOUND_TO_POD,
                        c -> at(c, "kubernetes.io").remove("pod")),
                wrong(
                        "no pod uid",
                        Reason.TOKEN_NOT_BOUND_TO_POD,
                        c -> at(c, "kubernetes.io", "pod").remove("uid")),
                wrong(
                        "no pod name",
                        Reason.TOKEN_NOT_BOUND_TO_POD,
                        c -> at(c, "kubernetes.io", "pod").put("name", "")),
                wrong(
                        "no account uid",
                        Reason.TOKEN_ACCOUNT_UID_MISSING,
                        c -> at(c, "kubernetes.io", "serviceaccount").remove("uid")),
                wrong(
                        "odd pod",
                        Reason.TOKEN_ODD_NAME,
                        c -> at(c, "kubernetes.io", "pod").put("name", "../web")),
                wrong(
                        "odd pod uid",
                        Reason.TOKEN_ODD_NAME,
                        c -> at(c, "kubernetes.io", "pod").put("uid", "a".repeat(65))),
                wrong(
                        "odd node",
                        Reason.TOKEN_ODD_NAME,
                        c -> at(c, "kubernetes.io", "node").put("name", "Node_1")),
                wrong(
                        "odd namespace",
                        Reason.TOKEN_ODD_NAME,
                        c -> at(c, "kubernetes.io").put("namespace", "shop/sa")),
                wrong(
                        "odd account",
                        Reason.TOKEN_ODD_NAME,
                        c -> at(c, "kubernetes.io", "serviceaccount").put("name", "web:admin")),
                wrong(
                        "sub of another",
                        Reason.TOKEN_SUBJECT_MISMATCH,
                        c -> c.put("sub", "system:serviceaccount:shop:admin")),
                wrong(
                        "sub of a user",
                        Reason.TOKEN_SUBJECT_MISMATCH,
                        c -> c.put("sub", "system:admin")),
                wrong("no sub", Reason.TOKEN_MALFORMED, c -> c.remove("sub")));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("wrongClaims")
    void aWellSignedTokenIsRefusedFor(
            String fault, Reason expected, Consumer<Map<String, Object>> edit) {
        assertThat(reason(edited(NOW, edit))).isEqualTo(expected);
        assertThat(jwks.loads()).as("keys looked up for %s", fault).isZero();
    }

    static Stream<Arguments> wrongForm() {
        String claims = json(claims(NOW));
        String token = good(NOW).reveal();
        String duplicate = claims.replace("\"iss\":", "\"iss\":\"https://evil\",\"iss\":");
        String nested = claims.replace("\"pod\":{", "\"pod\":{\"name\":\"x\",");
        return Stream.of(
                form("one part", Reason.TOKEN_MALFORMED, "abc"),
                form(
                        "two parts",
                        Reason.TOKEN_MALFORMED,
                        token.substring(0, token.lastIndexOf('.'))),
                form("four parts", Reason.TOKEN_MALFORMED, token + ".e30"),
                form(
                        "empty header",
                        Reason.TOKEN_MALFORMED,
                        "." + token.substring(token.indexOf('.') + 1)),
                form(
                        "empty signature",
                        Reason.TOKEN_MALFORMED,
                        token.substring(0, token.lastIndexOf('.') + 1)),
                form("padding", Reason.TOKEN_MALFORMED, token + "=="),
                form("newline", Reason.TOKEN_MALFORMED, token + "\n"),
                form(
                        "base64, not url",
                        Reason.TOKEN_MALFORMED,
                        token.substring(0, token.length() - 4) + "++//"),
                form("spare bits", Reason.TOKEN_MALFORMED, respelled(token)),
                form("not ASCII", Reason.TOKEN_MALFORMED, token + "é"),
                form("too large", Reason.TOKEN_TOO_LARGE, "a".repeat(16 * 1024 + 1)),
                signedForm("not JSON", Reason.TOKEN_MALFORMED, GOOD_HEADER, "hello"),
                signedForm("a list", Reason.TOKEN_MALFORMED, GOOD_HEADER, "[]"),
                signedForm("more after it", Reason.TOKEN_MALFORMED, GOOD_HEADER, claims + "{}"),
                signedForm("a comment", Reason.TOKEN_MALFORMED, GOOD_HEADER, "/**/" + claims),
                signedForm(
                        "deep",
                        Reason.TOKEN_MALFORMED,
                        GOOD_HEADER,
                        "{\"a\":" + "[".repeat(100) + "]".repeat(100) + "}"),
                signedForm("claim twice", Reason.TOKEN_DUPLICATE_CLAIM, GOOD_HEADER, duplicate),
                signedForm("inner claim twice", Reason.TOKEN_DUPLICATE_CLAIM, GOOD_HEADER, nested),
                signedForm(
                        "escaped claim twice",
                        Reason.TOKEN_DUPLICATE_CLAIM,
                        GOOD_HEADER,
                        duplicate.replaceFirst("iss", "\\\\u0069ss")),
                signedForm(
                        "alg twice",
                        Reason.TOKEN_DUPLICATE_CLAIM,
                        "{\"alg\":\"RS256\",\"alg\":\"RS256\",\"kid\":\"key-1\"}",
                        claims),
                signedForm(
                        "crit",
                        Reason.TOKEN_CRITICAL_HEADER,
                        "{\"alg\":\"RS256\",\"kid\":\"key-1\",\"crit\":[\"exp\"]}",
                        claims),
                signedForm(
                        "b64",
                        Reason.TOKEN_CRITICAL_HEADER,
                        "{\"alg\":\"RS256\",\"kid\":\"key-1\",\"b64\":false}",
                        claims),
                signedForm(
                        "typ",
                        Reason.TOKEN_MALFORMED,
                        "{\"alg\":\"RS256\",\"kid\":\"key-1\",\"typ\":\"at+jwt\"}",
                        claims),
                signedForm("no kid", Reason.TOKEN_UNKNOWN_KEY, "{\"alg\":\"RS256\"}", claims),
                signedForm(
                        "long kid",
                        Reason.TOKEN_UNKNOWN_KEY,
                        "{\"alg\":\"RS256\",\"kid\":\"" + "k".repeat(257) + "\"}",
                        claims),
                unsigned("alg none", "{\"alg\":\"none\",\"kid\":\"key-1\"}", claims),
                unsigned("alg None", "{\"alg\":\"None\",\"kid\":\"key-1\"}", claims),
                unsigned("alg in lower case", "{\"alg\":\"rs256\",\"kid\":\"key-1\"}", claims),
                unsigned("alg a number", "{\"alg\":256,\"kid\":\"key-1\"}", claims),
                unsigned("no alg", "{\"kid\":\"key-1\"}", claims),
                unsigned("EdDSA", "{\"alg\":\"EdDSA\",\"kid\":\"key-1\"}", claims),
                form(
                        "HS256 with the public key",
                        Reason.TOKEN_ALGORITHM,
                        TokenForge.hmacWithPublicKey(NOW).reveal()));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("wrongForm")
    void aTokenIsRefusedBeforeAnyKeyIsTouchedFor(String fault, Reason expected, BearerToken token) {
        assertThat(reason(token)).isEqualTo(expected);
        assertThat(jwks.loads()).as("keys looked up for %s", fault).isZero();
    }

    @Test
    void alteredSignaturesAndForeignKeysAreRefused() {
        String token = good(NOW).reveal();
        int at = token.lastIndexOf('.') + 10;
        char other = token.charAt(at) == 'A' ? 'B' : 'A';
        BearerToken altered =
                new BearerToken(token.substring(0, at) + other + token.substring(at + 1));
        BearerToken short1 = new BearerToken(token.substring(0, token.lastIndexOf('.')) + ".AAAA");
        BearerToken foreign = signed(GOOD_HEADER, json(claims(NOW)), TokenForge.rsa("key-1", 2048));

        assertThat(reason(altered)).isEqualTo(Reason.TOKEN_BAD_SIGNATURE);
        assertThat(reason(short1)).isEqualTo(Reason.TOKEN_BAD_SIGNATURE);
        assertThat(reason(foreign)).isEqualTo(Reason.TOKEN_BAD_SIGNATURE);
    }

    @Test
    void noCharacterOfATokenCanBeChanged() {
        Attestor attestor = attestor();
        String token = good(NOW).reveal();
        for (int at = 0; at < token.length(); at++) {
            for (char other : new char[] {'A', 'B', (char) (token.charAt(at) ^ 1), '.'}) {
                if (other != token.charAt(at)) {
                    String changed = token.substring(0, at) + other + token.substring(at + 1);
                    assertThatThrownBy(() -> attestor.attest(evidence(new BearerToken(changed))))
                            .as("character %s replaced by %s", at, other)
                            .isInstanceOf(AttestationRefused.class);
                }
            }
        }
    }

    @Test
    void anAlgorithmThatDoesNotFitTheKeyIsRefused() {
        JWK ec = TokenForge.ec("key-1", Curve.P_256);
        BearerToken rsaToken = good(NOW);
        jwks.set(TokenForge.jwks(ec));

        assertThat(reason(rsaToken)).isEqualTo(Reason.TOKEN_ALGORITHM);
    }

    @Test
    void aKeyThatNamesItsAlgorithmIsUsedForNoOther() {
        jwks.set(TokenForge.jwks(TokenForge.RSA).replace("\"kid\"", "\"alg\":\"RS512\",\"kid\""));

        assertThat(reason(good(NOW))).isEqualTo(Reason.TOKEN_ALGORITHM);
    }

    @Test
    void anUnknownKeyIsRefused() {
        BearerToken token =
                signed("{\"alg\":\"RS256\",\"kid\":\"key-2\"}", json(claims(NOW)), TokenForge.RSA);

        assertThat(reason(token)).isEqualTo(Reason.TOKEN_UNKNOWN_KEY);
    }

    @Test
    void skewIsAllowedUpToItsBoundOnBothSides() throws AttestationRefused {
        BearerToken token = good(NOW);

        clock.set(NOW.plusSeconds(3540 + 9));
        assertThat(attestor().attest(evidence(token)).podName()).isEqualTo("web-0");
        clock.set(NOW.plusSeconds(3540 + 10));
        assertThat(reason(token)).isEqualTo(Reason.TOKEN_EXPIRED);
        clock.set(NOW.minusSeconds(70));
        assertThat(attestor().attest(evidence(token)).podName()).isEqualTo("web-0");
        clock.set(NOW.minusSeconds(71));
        assertThat(reason(token)).isEqualTo(Reason.TOKEN_NOT_YET_VALID);
    }

    @Test
    void respelledEcdsaSignaturesKeepTheFingerprint() {
        BearerToken token = new BearerToken("aGVhZGVy.cGF5bG9hZA.c2ln");
        BearerToken respelled = new BearerToken("aGVhZGVy.cGF5bG9hZA.b3RoZXI");

        assertThat(respelled.fingerprint()).isEqualTo(token.fingerprint());
    }

    private Attestor attestor(TokenSettings settings) {
        JwksSource source = new JwksSource(jwks, JwksSettings.forFile(), clock, Runnable::run);
        return new ServiceAccountTokenAttestor(settings, source, clock);
    }

    private Reason reason(BearerToken token) {
        AttestationRefused refused =
                catchThrowableOfType(
                        AttestationRefused.class, () -> attestor().attest(evidence(token)));
        assertThat(refused).as("a refusal").isNotNull();
        return refused.reason();
    }

    private static Arguments wrong(
            String fault, Reason expected, Consumer<Map<String, Object>> edit) {
        return Arguments.of(fault, expected, edit);
    }

    private static Arguments form(String fault, Reason expected, String token) {
        return Arguments.of(fault, expected, new BearerToken(token));
    }

    private static Arguments signedForm(
            String fault, Reason expected, String header, String payload) {
        return Arguments.of(
                fault,
                expected,
                new BearerToken(
                        base64(header)
                                + "."
                                + base64(payload)
                                + "."
                                + signed(GOOD_HEADER, payload, TokenForge.RSA)
                                        .reveal()
                                        .split("\\.", -1)[2]));
    }

    private static Arguments unsigned(String fault, String header, String payload) {
        return form(fault, Reason.TOKEN_ALGORITHM, base64(header) + "." + base64(payload) + ".");
    }

    /** The same signature bytes, spelled with a spare bit set: RSA-2048 leaves four of them. */
    private static String respelled(String token) {
        char last = token.charAt(token.length() - 1);
        char next = (char) (last + 1); // A, Q, g or w, whose successors decode to the same bytes
        return token.substring(0, token.length() - 1) + next;
    }

    private static long seconds(long fromNow) {
        return NOW.getEpochSecond() + fromNow;
    }

    private static void backwards(Map<String, Object> claims) {
        claims.put("iat", seconds(5));
        claims.put("exp", seconds(4));
    }

    /** As the API server does for old clients. */
    private static void stretch(Map<String, Object> claims) {
        claims.put("exp", seconds(Duration.ofDays(365).toSeconds()));
        at(claims, "kubernetes.io").put("warnafter", seconds(3607));
    }
}
