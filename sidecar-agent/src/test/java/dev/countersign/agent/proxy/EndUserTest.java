package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.feed.KeySet;
import dev.countersign.policy.authentication.JwtRule;
import java.io.IOException;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tokens of end users on the whole path of a request, with real keys. */
final class EndUserTest {
    private static final String ISSUER = "https://login.example";
    private static final String KEYS = "https://login.example/keys";

    private final KeyPair key = key();

    @Test
    void aGoodTokenGivesTheRequestItsClaimsAndDoesNotReachTheApplication() throws Exception {
        try (HttpBackend backend = new HttpBackend();
                Mesh mesh = mesh(backend)) {
            mesh.authorizer.rule(request -> {
                Map<String, ?> claims = request.jwtClaims();
                return claims != null
                        && "alice".equals(claims.get("sub"))
                        && request.header("authorization") != null;
            });

            String answer = get(mesh, "/", "Authorization: Bearer " + token(60) + "\r\n");

            assertThat(answer).startsWith("HTTP/1.1 200");
            assertThat(backend.heads().getFirst())
                    .contains("x-user: alice\r\n")
                    .contains("x-tenant: blue\r\n")
                    .doesNotContain("Bearer");
        }
    }

    @Test
    void aTokenInTheQueryIsTakenOutOfIt() throws Exception {
        try (HttpBackend backend = new HttpBackend();
                Mesh mesh = mesh(backend)) {
            String answer = get(mesh, "/?a=1&access_token=" + token(60) + "&b=2", "");

            assertThat(answer).startsWith("HTTP/1.1 200");
            assertThat(backend.heads().getFirst()).startsWith("GET /?a=1&b=2 HTTP/1.1\r\n");
        }
    }

    @Test
    void ofACookieFieldJustTheTokensPairIsTakenOut() throws Exception {
        try (HttpBackend backend = new HttpBackend();
                Mesh mesh = mesh(backend, fromCookie(false))) {
            String cookies =
                    "Cookie: theme=dark; session=" + token(60) + "; lang=de\r\nCookie: a=b\r\n";
            String answer = get(mesh, "/", cookies);

            assertThat(answer).startsWith("HTTP/1.1 200");
            assertThat(backend.heads().getFirst())
                    .contains("\r\nCookie: theme=dark; lang=de\r\nCookie: a=b\r\n")
                    .contains("x-user: alice\r\n")
                    .doesNotContain("session");
        }
    }

    @Test
    void aTokenInACookieIsForwardedWhereTheRuleSaysSo() throws Exception {
        try (HttpBackend backend = new HttpBackend();
                Mesh mesh = mesh(backend, fromCookie(true))) {
            String cookie = "Cookie: theme=dark; session=" + token(60) + "\r\n";

            assertThat(get(mesh, "/", cookie)).startsWith("HTTP/1.1 200");
            assertThat(backend.heads().getFirst()).contains(cookie);
        }
    }

    @Test
    void aBadTokenIsUnauthorizedWhateverThePoliciesSay() throws Exception {
        try (HttpBackend backend = new HttpBackend();
                Mesh mesh = mesh(backend)) {
            for (String bad : List.of(token(-3600), "a.b.c", token(60).replaceFirst(".$", "!"))) {
                assertThat(get(mesh, "/", "Authorization: Bearer " + bad + "\r\n"))
                        .startsWith("HTTP/1.1 401")
                        .contains("www-authenticate: Bearer error=\"invalid_token\"\r\n")
                        .contains("x-countersign-denied: ");
            }
            assertThat(backend.heads()).isEmpty();
            assertThat(mesh.authorizer.asked()).isEmpty();
        }
    }

    @Test
    void aRequestWithoutATokenHasNoClaimsAndCannotPretendTo() throws Exception {
        try (HttpBackend backend = new HttpBackend();
                Mesh mesh = mesh(backend)) {
            mesh.authorizer.rule(request -> request.jwtClaims() == null);

            assertThat(get(mesh, "/", "X-User: alice\r\nX-Tenant: blue\r\n"))
                    .startsWith("HTTP/1.1 200");
            assertThat(backend.heads().getFirst().toLowerCase(Locale.ROOT))
                    .doesNotContain("alice")
                    .doesNotContain("blue");
        }
    }

    @Test
    void withoutTheIssuersKeysATokenCannotBeBelievedAndTheAnswerSaysSo() throws Exception {
        try (HttpBackend backend = new HttpBackend();
                Mesh mesh = mesh(backend)) {
            mesh.policies.believe(List.of(rule()), List.of());

            assertThat(get(mesh, "/", "Authorization: Bearer " + token(60) + "\r\n"))
                    .startsWith("HTTP/1.1 503");
            assertThat(get(mesh, "/", "")).startsWith("HTTP/1.1 200");
            assertThat(
                            Mesh.count(
                                    mesh.calledMeters,
                                    "countersign.agent.tokens",
                                    "outcome",
                                    "keys_unavailable"))
                    .isEqualTo(1);
        }
    }

    private Mesh mesh(HttpBackend backend) {
        return mesh(backend, rule());
    }

    private Mesh mesh(HttpBackend backend, JwtRule rule) {
        Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP);
        mesh.policies.believe(
                List.of(rule),
                List.of(
                        new KeySet(
                                KEYS,
                                "{\"keys\":[" + jwk() + "]}",
                                Optional.of(
                                        Instant.ofEpochSecond(
                                                mesh.clock.instant().getEpochSecond())),
                                "")));
        return mesh;
    }

    private static JwtRule rule() {
        return rule(List.of(), false);
    }

    private static JwtRule fromCookie(boolean forwarded) {
        return rule(List.of("session"), forwarded);
    }

    private static JwtRule rule(List<String> cookies, boolean forwarded) {
        return new JwtRule(
                ISSUER,
                List.of("orders"),
                null,
                KEYS,
                List.of(),
                List.of(),
                cookies,
                null,
                List.of(
                        new JwtRule.ClaimHeader("x-user", "sub"),
                        new JwtRule.ClaimHeader("x-tenant", "org.tenant")),
                forwarded,
                null,
                List.of());
    }

    private String token(long life) {
        long now = Instant.now().getEpochSecond();
        String head = encoded("{\"alg\":\"ES256\",\"kid\":\"k1\"}");
        String claims =
                encoded(
                        "{\"iss\":\"%s\",\"sub\":\"alice\",\"aud\":\"orders\",\"exp\":%d,\"org\":{\"tenant\":\"blue\"}}"
                                .formatted(ISSUER, now + life));
        try {
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(key.getPrivate());
            signature.update((head + "." + claims).getBytes(StandardCharsets.US_ASCII));
            return head + "." + claims + "." + encoded(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private String jwk() {
        ECPublicKey point = (ECPublicKey) key.getPublic();
        return "{\"kty\":\"EC\",\"crv\":\"P-256\",\"use\":\"sig\",\"alg\":\"ES256\",\"kid\":\"k1\",\"x\":\"%s\",\"y\":\"%s\"}"
                .formatted(
                        coordinate(point.getW().getAffineX()),
                        coordinate(point.getW().getAffineY()));
    }

    private static String coordinate(BigInteger value) {
        byte[] signed = value.toByteArray();
        byte[] fixed = new byte[32];
        int length = Math.min(signed.length, 32);
        System.arraycopy(signed, signed.length - length, fixed, 32 - length, length);
        return encoded(fixed);
    }

    private static String encoded(String text) {
        return encoded(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static KeyPair key() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String get(Mesh mesh, String target, String headers) throws IOException {
        try (Socket client = mesh.dial()) {
            client.setSoTimeout(60_000);
            client.getOutputStream()
                    .write(
                            RawBackend.ascii(
                                    "GET "
                                            + target
                                            + " HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n"
                                            + headers
                                            + "\r\n"));
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
