package dev.countersign.server.authority.upstream.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.countersign.identity.SpiffeId;
import dev.countersign.server.authority.ceremony.ImportRules;
import dev.countersign.server.authority.ceremony.ImportedChain;
import dev.countersign.server.authority.ceremony.TestSigning;
import dev.countersign.server.authority.upstream.UpstreamRefused;
import dev.countersign.server.authority.upstream.UpstreamRefused.Reason;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.LocalKey;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.server.x509.IssuerRequest;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a fake that speaks the documented wire format; see {@link FakeVault}. */
final class VaultPkiTest {
    private static final Duration LIFE = Duration.ofDays(90);

    // TLS of the JDK looks at the real clock.
    private final MutableClock clock = new MutableClock(Instant.now());
    private final TestAuthority authority = TestAuthority.create("prod.example", clock, 3);
    private final SecureRandom random = new SecureRandom();

    @TempDir Path folder;

    @SuppressWarnings("NullAway.Init") // set before each
    private FakeVault vault;

    @SuppressWarnings("NullAway.Init") // set before each
    private LocalKey key;

    @BeforeEach
    void start() throws Exception {
        vault = new FakeVault(authority, authority.leaf("/vault").dns("localhost").build());
        key = LocalKey.generate(random);
        Files.writeString(folder.resolve("ca.pem"), FakeVault.pem(authority.root().certificate()));
        token(FakeVault.TOKEN);
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    @Test
    void anIssuerIsCertifiedAndWillDo() throws Exception {
        ImportedChain chain = sign();

        new ImportRules(
                        authority.trustDomain(),
                        List.of(authority.root().certificate()),
                        ImportRules.ROOT_LIFE,
                        ImportRules.ISSUER_LIFE)
                .checkIssuer(chain, clock.instant());
        new TestSigning(authority.trustDomain(), new CertificateAssembler(), random)
                .prove(chain, key, clock.instant());
        assertThat(chain.signing().getPublicKey().getEncoded())
                .isEqualTo(key.publicKey().getEncoded());
        assertThat(vault.lastBody().path("ttl").asText()).isEqualTo("7776000s");
        assertThat(vault.lastBody().path("max_path_length").asInt()).isEqualTo(1);
        assertThat(vault.lastBody().path("uri_sans").asText()).isEqualTo("spiffe://prod.example");
    }

    @Test
    void aRootThatIsLeftOutIsAddedFromThoseThatAreKnown() throws Exception {
        vault.change(answer ->
                answer.replaceFirst(
                        "\"issuing_ca\":\"[^\"]*\",\"ca_chain\":\\[[^]]*]",
                        "\"issuing_ca\":\" \",\"ca_chain\":[\"\"]"));

        assertThat(sign().root()).isEqualTo(authority.root().certificate());
    }

    @Test
    void aCertificateIsIssuedByARole() throws Exception {
        VaultPki.Issued issued =
                pki().issue(
                                "mesh",
                                SpiffeId.parse("spiffe://prod.example/ns/shop/sa/web"),
                                Duration.ofHours(1));

        assertThat(issued.chain().root()).isEqualTo(authority.root().certificate());
        assertThat(issued.privateKeyPem()).isEqualTo("PEM of a key");
        assertThat(issued.toString()).doesNotContain("PEM of a key");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        pki().issue(
                                        "../x",
                                        SpiffeId.parse("spiffe://prod.example/a"),
                                        Duration.ofHours(1)));
    }

    @ParameterizedTest
    @CsvSource({
        "400, UPSTREAM_REFUSED",
        "403, UPSTREAM_FORBIDDEN",
        "404, UPSTREAM_NOT_FOUND",
        "429, UPSTREAM_UNAVAILABLE",
        "500, UPSTREAM_UNAVAILABLE",
        "503, UPSTREAM_UNAVAILABLE",
        "302, UPSTREAM_MALFORMED"
    })
    void whatUpstreamRefusesIsNamed(int status, Reason reason) {
        vault.force(status, "{\"errors\":[\"cannot satisfy\\nrequest\"]}");

        assertThat(refused(reason)).hasMessageContaining("status " + status);
        assertThat(refused(reason)).hasMessageContaining("cannot satisfy?request");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "{}",
                "{\"data\":[]}",
                "{\"data\":{}}",
                "{\"data\":{\"certificate\":1}}",
                "{\"data\":{\"certificate\":\"x\",\"issuing_ca\":\"y\"}}"
            })
    void anotherAnswerThanDocumentedIsRefused(String body) {
        vault.force(200, body);

        refused(Reason.UPSTREAM_MALFORMED);
    }

    @Test
    void anEndlessAnswerIsCutOff() {
        vault.force(200, " ".repeat(300 * 1024));

        assertThat(refused(Reason.UPSTREAM_MALFORMED)).hasMessageContaining("over 262144 bytes");
    }

    @Test
    void aTokenThatIsWrongOrMissingOrOpenIsSaidToBeThat() throws Exception {
        token("hvs.another");
        assertThat(refused(Reason.UPSTREAM_FORBIDDEN)).hasMessageContaining("permission denied");
        assertThat(refused(Reason.UPSTREAM_FORBIDDEN)).hasMessageNotContaining("hvs.");

        token("");
        refused(Reason.UPSTREAM_TOKEN);

        token(FakeVault.TOKEN);
        Files.setPosixFilePermissions(
                folder.resolve("token"), PosixFilePermissions.fromString("rw-r--r--"));
        refused(Reason.UPSTREAM_TOKEN);
    }

    @Test
    void aServerOfAnotherNameOrRootIsNotAsked() throws Exception {
        TestAuthority stranger = TestAuthority.create("prod.example", clock, 4);
        Files.writeString(folder.resolve("ca.pem"), FakeVault.pem(stranger.root().certificate()));

        refused(Reason.UPSTREAM_UNREACHABLE);
        assertThat(vault.lastBody().isMissingNode()).isTrue();
    }

    @Test
    void nobodyThereIsSaidSo() {
        vault.close();

        refused(Reason.UPSTREAM_UNREACHABLE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://vault:8200",
                "https://user@vault:8200",
                "https://vault:8200/v1",
                "https://vault:8200?x=1"
            })
    void onlyHttpsToAHostIsAsked(String address) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings(URI.create(address), "pki"))
                .withMessageContaining("https://host:port");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings(URI.create("https://vault"), "../sys"));
    }

    private ImportedChain sign() throws UpstreamRefused, IOException, GeneralSecurityException {
        byte[] request =
                IssuerRequest.make(authority.trustDomain(), key.publicKey(), this::signature);
        return pki().sign(
                        request,
                        IssuerRequest.commonName(key.publicKey().getEncoded()),
                        authority.trustDomain(),
                        1,
                        LIFE);
    }

    private byte[] signature(byte[] message) throws GeneralSecurityException {
        try {
            return key.sign(message);
        } catch (KeyVaultException e) {
            throw new GeneralSecurityException(e);
        }
    }

    private UpstreamRefused refused(Reason reason) {
        UpstreamRefused[] found = new UpstreamRefused[1];
        assertThatExceptionOfType(UpstreamRefused.class)
                .isThrownBy(this::sign)
                .satisfies(e -> {
                    assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason);
                    found[0] = e;
                });
        return found[0];
    }

    private VaultPki pki() throws IOException {
        return new VaultPki(
                settings(vault.address(), "pki"),
                List.of(authority.root().certificate()),
                Duration.ofSeconds(60));
    }

    private VaultSettings settings(URI address, String mount) {
        return new VaultSettings(
                address,
                mount,
                Optional.empty(),
                folder.resolve("token"),
                Optional.of(folder.resolve("ca.pem")));
    }

    private void token(String token) throws IOException {
        Path file = folder.resolve("token");
        Files.writeString(file, token + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
}
