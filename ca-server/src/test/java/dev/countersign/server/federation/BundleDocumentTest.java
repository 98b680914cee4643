package dev.countersign.server.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.federation.FederationRefused.Reason;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Documents of others: SPIFFE Trust Domain and Bundle, section 4; X509-SVID, section 6. */
final class BundleDocumentTest {
    private static final TrustDomain PARTNER = new TrustDomain("partner.example");

    private final TestAuthority partner =
            TestAuthority.create("partner.example", MutableClock.create(), 1);
    private final TestAuthority other =
            TestAuthority.create("other.example", MutableClock.create(), 2);

    @Test
    void rootsSequenceAndHintAreRead() throws Exception {
        BundleDocument document =
                parse(
                        "{\"keys\":["
                                + key(partner)
                                + "],\"spiffe_sequence\":12,"
                                + "\"spiffe_refresh_hint\":60,\"more\":1}");

        assertThat(document.roots()).containsExactly(partner.root().certificate());
        assertThat(document.sequence()).contains(12L);
        assertThat(document.refreshHint()).contains(Duration.ofMinutes(1));
    }

    @Test
    void whatIsForOthersIsLeftOut() throws Exception {
        String good = key(partner);
        BundleDocument document =
                parse(
                        "{\"keys\":["
                                + good
                                + ","
                                + good.replace("x509-svid", "jwt-svid")
                                + ","
                                + good.replace("x509-svid", "X509-SVID")
                                + ","
                                + good.replace("\"EC\"", "\"OKP\"")
                                + ",{\"use\":\"x509-svid\",\"kty\":\"EC\"}"
                                + ",{\"use\":\"x509-svid\",\"kty\":\"EC\",\"x5c\":[]}"
                                + ",{\"kty\":\"EC\"}]}");

        assertThat(document.roots()).hasSize(1);
        assertThat(document.sequence()).isEmpty();
        assertThat(document.refreshHint()).isEmpty();
    }

    @Test
    void anEmptyBundleIsTakenAtItsWord() throws Exception {
        assertThat(parse("{\"keys\":[]}").roots()).isEmpty();
    }

    @Test
    void hintsAreKeptWithinBounds() throws Exception {
        assertThat(parse("{\"keys\":[],\"spiffe_refresh_hint\":0}").refreshHint())
                .contains(Duration.ofSeconds(10));
        assertThat(parse("{\"keys\":[],\"spiffe_refresh_hint\":99999999}").refreshHint())
                .contains(Duration.ofHours(24));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"keys\":{}}",
                "{\"keys\":[]} x",
                "{\"keys\":[],\"keys\":[]}",
                "{\"keys\":[],\"spiffe_sequence\":-1}",
                "{\"keys\":[],\"spiffe_sequence\":\"7\"}",
                "{\"keys\":[],\"spiffe_sequence\":99999999999999999999}",
                "{\"keys\":[{\"use\":\"x509-svid\",\"kty\":\"EC\",\"x5c\":[\"AAAA\"]}]}",
                "{\"keys\":[{\"use\":\"x509-svid\",\"kty\":\"EC\",\"x5c\":[\"_-_-\"]}]}"
            })
    void whatIsNoBundleIsRefused(String text) {
        refused(Reason.FEDERATION_MALFORMED, text);
    }

    @Test
    void aRootOfAnotherDomainOrThatIsNoRootIsRefused() throws Exception {
        refused(Reason.FEDERATION_MALFORMED, "{\"keys\":[" + key(other) + "]}");
        String leaf =
                Base64.getEncoder()
                        .encodeToString(
                                partner.leaf("/ns/a/sa/b").build().certificate().getEncoded());
        refused(
                Reason.FEDERATION_MALFORMED,
                "{\"keys\":[{\"use\":\"x509-svid\",\"kty\":\"EC\",\"x5c\":[\"" + leaf + "\"]}]}");
    }

    @Test
    void aLargeOneIsRefusedUnread() {
        refused(Reason.FEDERATION_TOO_LARGE, " ".repeat(BundleDocument.MAX_BYTES + 1));
    }

    private static BundleDocument parse(String text) throws FederationRefused {
        return BundleDocument.parse(text.getBytes(StandardCharsets.UTF_8), PARTNER);
    }

    private static void refused(Reason reason, String text) {
        assertThatExceptionOfType(FederationRefused.class)
                .isThrownBy(() -> parse(text))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private static String key(TestAuthority authority) throws GeneralSecurityException {
        return "{\"use\":\"x509-svid\",\"kty\":\"EC\",\"x5c\":[\""
                + Base64.getEncoder().encodeToString(authority.root().certificate().getEncoded())
                + "\"]}";
    }
}
