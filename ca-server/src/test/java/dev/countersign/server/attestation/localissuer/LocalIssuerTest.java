package dev.countersign.server.attestation.localissuer;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSObject;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.server.attestation.AttestationRefused;
import dev.countersign.server.attestation.Attestor;
import dev.countersign.server.attestation.AttestorContract;
import dev.countersign.server.attestation.BearerToken;
import dev.countersign.server.attestation.WorkloadClaims;
import dev.countersign.server.attestation.serviceaccount.JwksLoader;
import dev.countersign.server.attestation.serviceaccount.JwksSettings;
import dev.countersign.server.attestation.serviceaccount.JwksSource;
import dev.countersign.server.attestation.serviceaccount.ServiceAccountTokenAttestor;
import dev.countersign.server.attestation.serviceaccount.TokenSettings;
import dev.countersign.testing.MutableClock;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the local issuer mints, the attestor believes: read through its own JWKS, as in production. */
final class LocalIssuerTest extends AttestorContract {
    private static final ServiceAccountName WEB = new ServiceAccountName("shop", "web");

    private final MutableClock clock = MutableClock.create();
    private final LocalIssuer issuer = LocalIssuer.ephemeral(IssuerKeyFile.Kind.ES256, clock);
    private final BearerToken token = issuer.mint(TokenRequest.of(WEB, "web-0"));

    @Override
    protected Attestor attestor() {
        return attestorOf(issuer);
    }

    @Override
    protected BearerToken believed() {
        return token;
    }

    @Override
    protected List<BearerToken> notBelieved() {
        LocalIssuer stranger = LocalIssuer.ephemeral(IssuerKeyFile.Kind.ES256, clock);
        return List.of(stranger.mint(TokenRequest.of(WEB, "web-0")));
    }

    @Test
    void rsaTokensAreBelievedToo() throws AttestationRefused {
        LocalIssuer rsa = LocalIssuer.ephemeral(IssuerKeyFile.Kind.RS256, clock);

        WorkloadClaims claims =
                attestorOf(rsa).attest(evidence(rsa.mint(TokenRequest.of(WEB, "web-0"))));

        assertThat(claims.account()).isEqualTo(WEB);
        assertThat(claims.podName()).isEqualTo("web-0");
        assertThat(claims.until()).isEqualTo(clock.instant().plus(Duration.ofHours(1)));
    }

    @Test
    void theShapeIsThatOfKubernetes() throws ParseException {
        TokenRequest request =
                new TokenRequest(
                        "https://issuer.test",
                        WEB,
                        "sa-uid",
                        "web-0",
                        "pod-uid",
                        Optional.of("node-1"),
                        List.of("countersign", "vault"),
                        Duration.ofMinutes(10));

        JWSObject minted = JWSObject.parse(issuer.mint(request).reveal());

        long now = clock.instant().getEpochSecond();
        Map<String, Object> claims = minted.getPayload().toJSONObject();
        assertThat(minted.getHeader().toJSONObject())
                .containsOnlyKeys("alg", "kid")
                .containsEntry("kid", issuer.keyId());
        assertThat(claims)
                .containsOnlyKeys("aud", "exp", "iat", "iss", "jti", "kubernetes.io", "nbf", "sub")
                .containsEntry("aud", List.of("countersign", "vault"))
                .containsEntry("exp", now + 600)
                .containsEntry("iat", now)
                .containsEntry("nbf", now)
                .containsEntry("iss", "https://issuer.test")
                .containsEntry("sub", "system:serviceaccount:shop:web");
        assertThat(claims.get("kubernetes.io"))
                .isEqualTo(
                        Map.of(
                                "namespace", "shop",
                                "node",
                                        Map.of(
                                                "name",
                                                "node-1",
                                                "uid",
                                                LocalIssuer.stableUid("node", "node-1")),
                                "pod", Map.of("name", "web-0", "uid", "pod-uid"),
                                "serviceaccount", Map.of("name", "web", "uid", "sa-uid")));
    }

    @Test
    void uidsFollowTheNames() {
        TokenRequest one = TokenRequest.of(WEB, "web-0");

        assertThat(TokenRequest.of(WEB, "web-0").podUid()).isEqualTo(one.podUid());
        assertThat(TokenRequest.of(WEB, "web-1").podUid()).isNotEqualTo(one.podUid());
        assertThat(TokenRequest.of(WEB, "web-1").accountUid()).isEqualTo(one.accountUid());
        assertThat(one.podUid()).isNotEqualTo(one.accountUid());
    }

    @Test
    void theJwksHoldsNoSecret() {
        assertThat(issuer.jwks()).contains(issuer.keyId()).doesNotContain("\"d\"");
        assertThat(issuer.toString()).doesNotContain("\"d\"");
    }

    private Attestor attestorOf(LocalIssuer of) {
        JwksSource keys =
                new JwksSource(new Published(of), JwksSettings.forFile(), clock, Runnable::run);
        return new ServiceAccountTokenAttestor(
                TokenSettings.of(LocalIssuer.DEFAULT_ISSUER), keys, clock);
    }

    private record Published(LocalIssuer issuer) implements JwksLoader {
        @Override
        public String origin() {
            return "memory";
        }

        @Override
        public Optional<Document> load(String known) {
            byte[] jwks = issuer.jwks().getBytes(StandardCharsets.UTF_8);
            return Optional.of(new Document(jwks, issuer.keyId()));
        }
    }
}
