package dev.countersign.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.runtime.ConfigReader;
import dev.countersign.runtime.ConfigRefused;
import dev.countersign.server.attestation.AttestationRules;
import dev.countersign.server.issuance.IssuanceProfile;
import dev.countersign.server.limits.CallerCaps;
import dev.countersign.server.limits.IssuanceBudgets;
import dev.countersign.server.operators.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerConfigReaderTest {
    private static final String LEAST =
            """
            keys: {passphraseFile: passphrase}
            attestation: {issuer: "https://issuer.test", jwks: {file: keys.json}}
            """;

    @TempDir private Path folder;

    @Test
    void theLeastThatMustBeSaidGetsTheDocumentedDefaults() throws Exception {
        ServerConfig config = read(LEAST);

        assertThat(config.trustDomain().name()).isEqualTo("example.org");
        assertThat(config.listen().toString()).contains("127.0.0.1").endsWith(":8443");
        assertThat(config.ops().getPort()).isEqualTo(9090);
        assertThat(config.ops().getAddress().isLoopbackAddress()).isTrue();
        assertThat(config.ioThreads()).isEqualTo(2);
        assertThat(config.drain()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.operators().roles()).isEmpty();
        assertThat(config.localIssuer()).isFalse();
        assertThat(config.tokens().audiences()).containsExactly("countersign");
        assertThat(config.attestationRules().callerAddress())
                .isEqualTo(AttestationRules.CallerAddress.OFF);
        assertThat(config.attestationRules().renewWithoutToken()).isEmpty();
        assertThat(config.profiles().forNamespace("shop").life())
                .isEqualTo(IssuanceProfile.DEFAULT_LIFE);
        assertThat(config.limits().concurrentIssues()).isEqualTo(256);
        assertThat(config.limits().handshake()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.limits().caps()).isEqualTo(CallerCaps.Settings.DEFAULT);
        assertThat(config.limits().budgets()).isEqualTo(IssuanceBudgets.Settings.DEFAULT);
        assertThat(config.policyDirectory()).isEmpty();
        assertThat(config.bootstrapFile()).isEmpty();
    }

    @Test
    void aNamespaceMayHaveALifeOfItsOwn() throws Exception {
        String good =
                """
                issuance:
                  life: 2h
                  namespaces: [{namespace: batch, life: 10m}, {namespace: web, life: 30m}]
                """;

        ServerConfig config = read(LEAST + good);

        assertThat(config.profiles().forNamespace("batch").life()).hasMinutes(10);
        assertThat(config.profiles().forNamespace("web").life()).hasMinutes(30);
        assertThat(config.profiles().forNamespace("shop").life()).hasHours(2);
        assertThat(problemsOf(LEAST + good.replace("namespace: web", "namespace: batch")))
                .contains("batch twice", "each namespace once");
    }

    @Test
    void whatStandsAboveTheIntermediatesIsReadWithItsBounds() throws Exception {
        String good = "authority: {root: imported, issuerLife: 30d, reminder: 10d}\n";

        assertThat(read(LEAST).authority())
                .isEqualTo(
                        new AuthorityConfig(
                                false,
                                false,
                                Duration.ofDays(90),
                                Duration.ofDays(30),
                                Optional.empty()));
        assertThat(read(LEAST + good).authority())
                .isEqualTo(
                        new AuthorityConfig(
                                false,
                                true,
                                Duration.ofDays(30),
                                Duration.ofDays(10),
                                Optional.empty()));
        assertThat(problemsOf(LEAST + good.replace("imported", "offline")))
                .contains("authority.root", "self | imported");
        assertThat(problemsOf(LEAST + good.replace("issuerLife: 30d", "issuerLife: 6d")))
                .contains("authority.issuerLife", "7d..3650d");
        assertThat(problemsOf(LEAST + good.replace("reminder: 10d", "reminder: 1m")))
                .contains("authority.reminder", "1h..365d");
    }

    @Test
    void anUpstreamAuthorityIsReadWholeAndItsMistakesNamed() throws Exception {
        String good =
                """
                authority:
                  upstream:
                    vault:
                      address: https://vault.test:8200
                      mount: team/pki
                      namespace: team
                      tokenFile: vault.token
                      rootFile: root.pem
                """;

        AuthorityConfig.Upstream read = read(LEAST + good).authority().upstream().orElseThrow();

        assertThat(read.vault().address().toString()).isEqualTo("https://vault.test:8200");
        assertThat(read.vault().mount()).isEqualTo("team/pki");
        assertThat(read.rootFile()).isEqualTo(folder.resolve("root.pem"));
        assertThat(problemsOf(LEAST + good.replace("https:", "http:")))
                .contains("authority.upstream.vault", "https://host:port");
        assertThat(problemsOf(LEAST + good.replace("rootFile: root.pem", "")))
                .contains("authority.upstream.vault.rootFile");
        assertThat(problemsOf(LEAST + good + "  nameConstraints: true\n"))
                .contains("authority.nameConstraints");
        assertThat(problemsOf(LEAST + good.replace("mount: team/pki", "mount: ../sys")))
                .contains("authority.upstream.vault", "a path");
    }

    @Test
    void otherTrustDomainsAreReadWholeAndTheirMistakesNamed() throws Exception {
        String good =
                """
                federation:
                - trustDomain: partner.example
                  url: https://partner.test:8444/
                  profile: https_spiffe
                  endpointId: spiffe://partner.example/countersign/ca-server
                  bundleFile: partner.json
                - {trustDomain: other.example, url: "https://other.test/b", profile: https_web}
                """;

        ServerConfig config = read(LEAST + good);

        assertThat(config.federation())
                .extracting(peer -> peer.trustDomain().name())
                .containsExactly("partner.example", "other.example");
        assertThat(problemsOf(LEAST + good.replace("other.example", "partner.example")))
                .contains("partner.example twice");
        assertThat(problemsOf(LEAST + good.replace("other.example", "example.org")))
                .contains("other trust domains than ours");
        assertThat(problemsOf(LEAST + good.replace("https_web", "web")))
                .contains("federation[1].profile", "https_web | https_spiffe");
        assertThat(problemsOf(LEAST + good.replace("https://other.test/b", "http://other.test/b")))
                .contains("federation.url", "https://host/path");
        assertThat(problemsOf(LEAST + good.replace("  bundleFile: partner.json\n", "")))
                .contains("federation[0].bundleFile");
    }

    /** Those about keys, roots and outsiders; others name files that must be there. */
    @Test
    void whatTheOperationsGuideShowsIsGood() throws Exception {
        Matcher blocks =
                Pattern.compile("(?s)```yaml\n((authority|federation|bundleEndpoint|keys):.*?)```")
                        .matcher(Files.readString(Path.of("README.md")));
        int count = 0;
        while (blocks.find()) {
            String block = blocks.group(1);
            String least = block.startsWith("keys:") ? LEAST.replaceFirst("keys:.*\n", "") : LEAST;
            read(least + block);
            count++;
        }
        assertThat(count).isEqualTo(5);
    }

    @Test
    void externalAuthorizersAreReadWholeAndTheirMistakesNamed() throws Exception {
        String good =
                """
                policies:
                  multipleCustomProviders: true
                  tokenKeys: {allowedNetworks: [10.0.0.0/8]}
                  externalAuthorizers:
                  - name: opa
                    address: opa.security:9191
                    spiffeId: spiffe://example.org/ns/security/sa/opa
                    timeout: 500ms
                    failOpen: true
                    statusOnError: 503
                  - name: web
                    type: http
                    address: 127.0.0.1:9000
                    pathPrefix: /check
                    includeRequestHeadersInCheck: [Authorization]
                    headersToUpstreamOnAllow: [x-user]
                    headersToDownstreamOnDeny: [www-authenticate]
                """;

        ServerConfig config = read(LEAST + good);

        Map<String, ExternalAuthorizer> all = config.agents().mesh().externalAuthorizers();
        assertThat(all).containsOnlyKeys("opa", "web");
        ExternalAuthorizer opa = Objects.requireNonNull(all.get("opa"));
        ExternalAuthorizer web = Objects.requireNonNull(all.get("web"));
        assertThat(opa.type()).isEqualTo(ExternalAuthorizer.Type.GRPC);
        assertThat(opa.timeout()).isEqualTo(Duration.ofMillis(500));
        assertThat(opa.failOpen()).isTrue();
        assertThat(opa.statusOnError()).isEqualTo(503);
        assertThat(web.includeRequestHeadersInCheck()).containsExactly("authorization");
        assertThat(web.pathPrefix()).isEqualTo("/check");
        assertThat(web.failOpen()).isFalse();
        assertThat(config.tokenKeys().allowedNetworks()).containsExactly("10.0.0.0/8");
        assertThat(problemsOf(LEAST + good.replace("statusOnError: 503", "statusOnError: 200")))
                .contains("statusOnError");
        assertThat(problemsOf(LEAST + good.replace("name: web", "name: opa"))).contains("once");
        Files.writeString(folder.resolve("roots.pem"), "none");
        assertThat(problemsOf(LEAST + good.replace("failOpen: true", "caFile: roots.pem")))
                .contains("caFile", "not beside spiffeId");
        assertThat(problemsOf(LEAST + good.replace("pathPrefix: /check", "caFile: roots.pem")))
                .contains("caFile", "PEM certificates");
        assertThat(problemsOf(LEAST + good.replace("timeout: 500ms", "timeout: 5m")))
                .contains("timeout");
        assertThat(
                        problemsOf(
                                LEAST
                                        + good.replace(
                                                "failOpen: true",
                                                "includeRequestBodyInCheck: true")))
                .contains("before its body is read");
    }

    @Test
    void operatorsAreNamesWithRolesAndAreShown() throws Exception {
        ConfigReader reader =
                reader(LEAST + "admin: {operators: {alice: security-admin, on-call.2: viewer}}\n");

        ServerConfig config = ServerConfigReader.read(reader);

        assertThat(config.operators().roles())
                .isEqualTo(Map.of("alice", Role.SECURITY_ADMIN, "on-call.2", Role.VIEWER));
        assertThat(reader.render()).contains("admin.operators.alice: security-admin");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {alice: root}           | admin.operators.alice: root
                    {Alice: viewer}         | admin.operators.Alice
                    {a/../b: viewer}        | admin.operators.a/../b
                    {alice: VIEWER}         | admin.operators.alice: VIEWER
                    [alice]                 | admin.operators: not a mapping
                    """)
    void operatorsOfAnyOtherShapeStopTheStart(String operators, String problem) {
        assertThat(refused(LEAST + "admin: {operators: " + operators + "}\n"))
                .hasMessageContaining(problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ioThreads                          | 0
                    ioThreads                          | 65
                    trustDomain                        | spiffe://a
                    listen                             | '127.0.0.1:70000'
                    listen                             | nowhere
                    drain                              | 11m
                    drain                              | -1s
                    log.format                         | xml
                    log.level                          | loud
                    attestation.clockSkew              | 61s
                    attestation.maxTokenLife           | 9m
                    attestation.maxTokenLife           | 49h
                    attestation.callerAddress          | maybe
                    attestation.localIssuer            | perhaps
                    renewal.maxWithoutToken            | 8d
                    renewal.maxWithoutToken            | 0s
                    issuance.life                      | 4m
                    issuance.life                      | 25h
                    limits.concurrentIssues            | 0
                    limits.handshakeTimeout            | 99ms
                    limits.handshakeTimeout            | 61s
                    limits.concurrentIssues            | 10001
                    limits.perSource.connections       | 0
                    limits.global.connections          | 10000001
                    limits.perSource.handshakes.perSecond | 0
                    limits.global.tokenChecks.burst    | 0
                    limits.perIdentity.certificates.perSecond | 1000001
                    policies.rootNamespace             | Root_NS
                    policies.compatibility             | linkerd
                    policies.defaultAction             | shrug
                    agents.onPeerCertificateExpiry     | explode
                    agents.maxStale                    | 31d
                    bundleEndpoint.listen              | nowhere
                    bundleEndpoint.profile             | http
                    bundleEndpoint.refreshHint         | 9s
                    bundleEndpoint.refreshHint         | 25h
                    """)
    void aValueOutOfItsBoundsIsRefusedUnderItsName(String key, String value) {
        ConfigRefused refused = refused(with(key, value));

        assertThat(refused.problems()).hasSize(1);
        assertThat(refused).hasMessageContaining(key);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ioThreads                 | 64
                    drain                     | 10m
                    drain                     | 0s
                    renewal.maxWithoutToken   | 7d
                    issuance.life             | 5m
                    issuance.life             | 24h
                    limits.concurrentIssues   | 10000
                    agents.maxStale           | 30d
                    bundleEndpoint.listen     | '127.0.0.1:0'
                    bundleEndpoint.refreshHint | 10s
                    """)
    void aValueOnItsBoundIsTaken(String key, String value) throws Exception {
        assertThat(read(with(key, value))).isNotNull();
    }

    @Test
    void shortLivesNeedTheUnsafeSwitch() throws Exception {
        assertThat(refused(LEAST + "issuance: {life: 10s}\n").problems()).hasSize(1);

        ServerConfig config = read(LEAST + "issuance: {life: 10s}\nunsafe: {shortLives: true}\n");

        assertThat(config.profiles().forNamespace("shop").life()).hasSeconds(10);
    }

    @Test
    void anUnknownKeyIsRefusedWithTheOneThatWasMeant() {
        assertThat(refused(LEAST + "trustDomian: mesh.example\n"))
                .hasMessageContaining("trustDomian")
                .hasMessageContaining("trustDomain");
    }

    @Test
    void allProblemsAreSaidAtOnce() {
        ConfigRefused refused = refused("ioThreads: 0\ndrain: 1h\nlisten: nowhere\n");

        assertThat(refused)
                .hasMessageContaining("ioThreads")
                .hasMessageContaining("drain")
                .hasMessageContaining("listen")
                .hasMessageContaining("keys.passphraseFile")
                .hasMessageContaining("attestation.issuer")
                .hasMessageContaining("attestation.jwks");
    }

    @Test
    void keysComeFromAFileOrAnAddressNeverBoth() {
        assertThat(
                        refused(
                                """
                                keys: {passphraseFile: passphrase}
                                attestation:
                                  issuer: "https://issuer.test"
                                  jwks: {file: keys.json, url: "https://issuer.test/keys"}
                                """))
                .hasMessageContaining("attestation.jwks");
    }

    @Test
    void aWorkloadIsReadWithItsLabelsAndAddresses() throws Exception {
        ServerConfig config =
                read(
                        LEAST
                                + """
                                workloads:
                                - namespace: shop
                                  serviceAccount: web
                                  labels: {app: web}
                                  addresses: [127.0.0.1]
                                  renewWithoutToken: true
                                """);

        assertThat(config.attestationRules().renewWithoutToken())
                .singleElement()
                .hasToString("shop/web");
    }

    private ServerConfig read(String yaml) throws IOException, ConfigRefused {
        return ServerConfigReader.read(reader(yaml));
    }

    private ConfigReader reader(String yaml) throws IOException, ConfigRefused {
        return ConfigReader.load(Files.writeString(folder.resolve("server.yaml"), yaml), Map.of());
    }

    private ConfigRefused refused(String yaml) {
        return catchThrowableOfType(ConfigRefused.class, () -> read(yaml));
    }

    private String problemsOf(String yaml) {
        return refused(yaml).problems().toString();
    }

    /** {@link #LEAST} with one dotted key more. */
    private static String with(String key, String value) {
        String inner = "\"" + value + "\"";
        String[] names = key.split("\\.", -1);
        for (int i = names.length - 1; i > 0; i--) {
            inner = names[i] + ": " + (i == names.length - 1 ? inner : "{" + inner + "}");
        }
        if (names[0].equals("attestation")) {
            return LEAST.replace("attestation: {", "attestation: {" + inner + ", ");
        }
        return LEAST + names[0] + ": " + (names.length == 1 ? inner : "{" + inner + "}") + "\n";
    }
}
