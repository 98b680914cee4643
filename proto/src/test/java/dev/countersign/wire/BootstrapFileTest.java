package dev.countersign.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.trust.Bootstrap;
import dev.countersign.trust.Refusal;
import dev.countersign.trust.TrustRefused;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BootstrapFileTest {
    private static final TestAuthority AUTHORITY =
            TestAuthority.create("test.example", MutableClock.create(), 1);
    private static final Bootstrap BOOTSTRAP =
            Bootstrap.from(AUTHORITY.bundle(3, AUTHORITY.root(), AUTHORITY.newRoot().build()));
    private static final String FILE = BootstrapFile.render(BOOTSTRAP);

    @Test
    void whatIsWrittenIsReadBack() throws TrustRefused {
        assertThat(BootstrapFile.parse(FILE)).isEqualTo(BOOTSTRAP);
    }

    @Test
    void aPersonCanReadIt() {
        assertThat(FILE)
                .contains("\"trustDomain\" : \"test.example\"")
                .contains("\"minimumEpoch\" : 3")
                .contains("-----BEGIN CERTIFICATE-----")
                .contains("-----BEGIN PUBLIC KEY-----");
    }

    @Test
    void windowsLineEndsInsidePemAreRead() throws TrustRefused {
        assertThat(BootstrapFile.parse(FILE.replace("\\n", "\\r\\n"))).isEqualTo(BOOTSTRAP);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"format\" : \"countersign bootstrap v1\"|\"format\" : \"v2\"",
                "\"trustDomain\" : \"test.example\"|\"trustDomain\" : \"\"",
                "\"trustDomain\" : \"test.example\"|\"trustDomain\" : \"spiffe://test.example\"",
                "\"trustDomain\" : \"test.example\"|\"trustDomain\" : 7",
                "\"trustDomain\" : \"test.example\"|\"trust_domain\" : \"test.example\"",
                "\"trustDomain\"|\"extra\" : 1, \"trustDomain\"",
                "\"trustDomain\"|\"trustDomain\" : \"x\", \"trustDomain\"",
                "\"minimumEpoch\" : 3|\"minimumEpoch\" : -1",
                "\"minimumEpoch\" : 3|\"minimumEpoch\" : 1.5",
                "\"minimumEpoch\" : 3|\"minimumEpoch\" : \"3\"",
                "\"minimumEpoch\" : 3|\"minimumEpoch\" : 9223372036854775808",
                "\"minimumEpoch\" : 3|\"minimumEpoch\" : null",
                "\"roots\" : [|\"roots\" : [ 1,",
                "\"roots\" : [|\"roots\" : [ \"\",",
                "BEGIN CERTIFICATE|BEGIN X509 CERTIFICATE",
                "BEGIN PUBLIC KEY|BEGIN EC PRIVATE KEY",
                "-----BEGIN CERTIFICATE-----|x -----BEGIN CERTIFICATE-----",
                "-----BEGIN CERTIFICATE-----|-----BEGIN CERTIFICATE-----!",
                "\"signingKeys\" : [|\"signingKeys\" : [ ], \"other\" : [",
            })
    void aFileThatIsWrongInOnePlaceIsRefused(String right, String wrong) {
        assertThat(FILE).contains(right);

        assertThat(refusalOf(FILE.replaceFirst(java.util.regex.Pattern.quote(right), wrong)))
                .isEqualTo(Refusal.BOOTSTRAP_MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "null", "7", "{", "{}", "not json", "[[[[[[[[[[]]]]]]]]]]"})
    void whatIsNotABootstrapFileIsRefused(String text) {
        assertThat(refusalOf(text)).isEqualTo(Refusal.BOOTSTRAP_MALFORMED);
    }

    @Test
    void aSecondDocumentBehindTheFirstIsRefused() {
        assertThat(refusalOf(FILE + FILE)).isEqualTo(Refusal.BOOTSTRAP_MALFORMED);
    }

    @Test
    void aFileOverOneMebibyteIsRefused() {
        assertThat(refusalOf(FILE + " ".repeat(BootstrapFile.MAX_SIZE)))
                .isEqualTo(Refusal.BOOTSTRAP_MALFORMED);
    }

    @Test
    void aRootThatIsNoRootIsRefusedByItsOwnRule() throws Exception {
        String leaf =
                Pem.encode("CERTIFICATE", AUTHORITY.leaf("/x").build().certificate().getEncoded());
        String root = Pem.encode("CERTIFICATE", AUTHORITY.root().certificate().getEncoded());

        assertThat(refusalOf(FILE.replace(json(root), json(leaf))))
                .isEqualTo(Refusal.ISSUER_NOT_CA);
    }

    @Test
    void theMessageNamesFieldAndExpectationAndForgesNoLine() {
        TrustRefused refused =
                catchThrowableOfType(
                        TrustRefused.class, () -> BootstrapFile.parse("{\"trust\\ndomain\":1}"));

        assertThat(refused)
                .hasMessageContaining("trust?domain")
                .hasMessageContaining("unknown field (expected: one of ");
    }

    private static String json(String text) {
        return text.replace("\n", "\\n");
    }

    private static Refusal refusalOf(String text) {
        TrustRefused refused =
                catchThrowableOfType(TrustRefused.class, () -> BootstrapFile.parse(text));
        assertThat(refused).as("expected a refusal").isNotNull();
        return refused.refusal();
    }
}
