package dev.countersign.server.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.countersign.server.attestation.serviceaccount.TokenForge;
import dev.countersign.server.testing.Csrs;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.testing.RunningServer.Refusal;
import dev.countersign.server.testing.Svid;
import dev.countersign.testing.MutableClock;
import dev.countersign.wire.v1.LogEntry;
import dev.countersign.wire.v1.VerifyLogRequest;
import dev.countersign.wire.v1.VerifyLogResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class IssuanceE2ETest {
    private static final MutableClock CLOCK = MutableClock.create();
    private static final KeyPair KEYS = Csrs.p256();

    @TempDir private static Path folder;

    private static RunningServer server;
    private static ManagedChannel stranger;

    @BeforeAll
    static void start() throws Exception {
        server = RunningServer.start(folder, CLOCK);
        stranger = server.connect();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aTokenBecomesACertificateThatTheAgentsVerifierBelieves() {
        Svid svid = server.svid("shop", "web", "web-0");

        assertThat(svid.peer().id()).isEqualTo(RunningServer.id("shop", "web"));
        assertThat(svid.leaf().getPublicKey()).isEqualTo(svid.keys().getPublic());
        assertThat(svid.leaf().getNotAfter().toInstant())
                .isEqualTo(CLOCK.instant().plus(Duration.ofHours(1)));
        assertThat(svid.chain()).hasSize(2);
    }

    @Test
    void theRefreshWindowLiesBetweenHalfAndFourFifthsOfTheLife() {
        var refresh =
                RunningServer.issue(
                                stranger,
                                server.token("shop", "web", "web-1"),
                                Csrs.of(Csrs.p256()))
                        .getRefresh();

        assertThat(refresh.getNotBefore().getSeconds())
                .isBetween(after(Duration.ofMinutes(30)), after(Duration.ofMinutes(48)));
        assertThat(refresh.getNotAfter().getSeconds())
                .isBetween(after(Duration.ofMinutes(30)), after(Duration.ofMinutes(48)));
    }

    @Test
    void theIdentityComesFromTheTokenWhateverTheRequestSays() {
        KeyPair keys = Csrs.p256();

        Svid svid =
                server.svid(
                        keys,
                        RunningServer.issue(
                                stranger,
                                server.token("shop", "cart", "cart-0"),
                                Csrs.withUri(keys, RunningServer.id("shop", "cart").toString())));
        Refusal another =
                refused(
                        server.token("shop", "cart", "cart-0"),
                        Csrs.withUri(Csrs.p256(), RunningServer.id("shop", "admin").toString()));

        assertThat(svid.peer().id()).isEqualTo(RunningServer.id("shop", "cart"));
        assertThat(another.reason()).isEqualTo("CSR_SAN_NOT_OWN_IDENTITY");
    }

    static Stream<Arguments> badTokens() {
        return Stream.of(
                bad("TOKEN_MISSING", now -> ""),
                bad("TOKEN_EXPIRED", edit(c -> c.put("exp", before(c, 600)))),
                bad("TOKEN_NOT_YET_VALID", edit(c -> c.put("nbf", before(c, -600)))),
                bad("TOKEN_WRONG_AUDIENCE", edit(c -> c.put("aud", Arrays.asList("other")))),
                bad("TOKEN_WRONG_ISSUER", edit(c -> c.put("iss", TokenForge.ISSUER + "/"))),
                bad(
                        "TOKEN_ALGORITHM",
                        now ->
                                TokenForge.base64("{\"alg\":\"none\"}")
                                        + "."
                                        + TokenForge.base64(TokenForge.json(TokenForge.claims(now)))
                                        + "."),
                bad("TOKEN_ALGORITHM", now -> TokenForge.hmacWithPublicKey(now).reveal()),
                bad(
                        "TOKEN_UNKNOWN_KEY",
                        now ->
                                TokenForge.signed(
                                                "{\"alg\":\"RS256\",\"kid\":\"another\"}",
                                                TokenForge.json(TokenForge.claims(now)),
                                                TokenForge.RSA)
                                        .reveal()),
                bad("TOKEN_TOO_LARGE", edit(c -> c.put("more", "x".repeat(20_000)))),
                bad(
                        "TOKEN_NOT_BOUND_TO_POD",
                        edit(c -> TokenForge.at(c, "kubernetes.io").remove("pod"))),
                bad(
                        "TOKEN_ODD_NAME",
                        edit(c -> {
                            TokenForge.at(c, "kubernetes.io").put("namespace", "shop/../root");
                            c.put("sub", "system:serviceaccount:shop/../root:web");
                        })),
                bad(
                        "TOKEN_DUPLICATE_CLAIM",
                        now ->
                                TokenForge.signed(
                                                "{\"alg\":\"RS256\",\"kid\":\"key-1\"}",
                                                TokenForge.json(TokenForge.claims(now))
                                                        .replaceFirst(
                                                                "\\{",
                                                                "{\"iss\":\"https://evil.test\","),
                                                TokenForge.RSA)
                                        .reveal()),
                bad(
                        "TOKEN_BAD_SIGNATURE",
                        now -> {
                            String good = TokenForge.good(now).reveal();
                            int at = good.lastIndexOf('.') + 9;
                            char other = good.charAt(at) == 'A' ? 'B' : 'A';
                            return good.substring(0, at) + other + good.substring(at + 1);
                        }));
    }

    @ParameterizedTest
    @MethodSource("badTokens")
    void aTokenThatIsNotBelievedIsRefusedWithItsReason(
            String reason, Function<Instant, String> token) {
        Refusal refusal = refused(token.apply(CLOCK.instant()), Csrs.of(KEYS));

        assertThat(refusal.reason()).isEqualTo(reason);
        assertThat(refusal.code()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(refusal.message()).isNotBlank();
        assertThat(refusal.retryInfo()).isFalse();
    }

    static Stream<Arguments> badRequests() {
        byte[] good = Csrs.of(KEYS);
        byte[] trailing = Arrays.copyOf(good, good.length + 1);
        return Stream.of(
                argumentSet("none", "CSR_MISSING", new byte[0]),
                argumentSet("over 16 KiB", "CSR_TOO_LARGE", new byte[17_000]),
                argumentSet(
                        "text",
                        "CSR_NOT_DER",
                        "-----BEGIN".getBytes(java.nio.charset.StandardCharsets.US_ASCII)),
                argumentSet("truncated", "CSR_NOT_DER", Arrays.copyOf(good, good.length - 1)),
                argumentSet("trailing byte", "CSR_TRAILING_BYTES", trailing),
                argumentSet(
                        "another's key",
                        "CSR_BAD_PROOF_OF_POSSESSION",
                        Csrs.signedByAnother(KEYS.getPublic(), Csrs.p256().getPrivate())),
                argumentSet("RSA-1024", "CSR_RSA_SIZE", Csrs.of(Csrs.rsa(1024))),
                argumentSet("P-521", "CSR_CURVE", Csrs.of(Csrs.ec("secp521r1"))),
                argumentSet(
                        "name of another domain",
                        "CSR_SAN_NOT_OWN_IDENTITY",
                        Csrs.withUri(KEYS, "spiffe://other.example/ns/shop/sa/web")));
    }

    @ParameterizedTest
    @MethodSource("badRequests")
    void aBadRequestIsRefusedWithItsReason(String reason, byte[] csr) {
        Refusal refusal = refused(server.token("shop", "web", "web-2"), csr);

        assertThat(refusal.reason()).isEqualTo(reason);
        assertThat(refusal.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal.retryInfo()).isFalse();
    }

    @Test
    void aKeyOfAnotherIdentityIsRefused() {
        Svid web = server.svid("shop", "web", "web-3");

        Refusal refusal = refused(server.token("shop", "cart", "cart-3"), Csrs.of(web.keys()));

        assertThat(refusal.reason()).isEqualTo("CSR_KEY_OF_ANOTHER_IDENTITY");
        assertThat(refusal.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void aRenewalNeedsTheCertificateAFreshKeyAndATokenOfTheSameWorkload() {
        Svid first = server.svid("shop", "renewer", "renewer-0");
        ManagedChannel mine = server.connect(first);
        KeyPair fresh = Csrs.p256();

        Svid second =
                server.svid(
                        fresh,
                        RunningServer.issue(
                                mine,
                                server.token("shop", "renewer", "renewer-0"),
                                Csrs.of(fresh)));
        Refusal sameKey =
                refused(mine, server.token("shop", "renewer", "renewer-0"), Csrs.of(fresh));
        Refusal otherWorkload =
                refused(mine, server.token("shop", "web", "web-0"), Csrs.of(Csrs.p256()));
        Refusal noToken = refused(mine, "", Csrs.of(Csrs.p256()));

        assertThat(second.peer().id()).isEqualTo(first.peer().id());
        assertThat(second.peer().serial()).isNotEqualTo(first.peer().serial());
        assertThat(sameKey.reason()).isEqualTo("CSR_KEY_REUSED");
        assertThat(otherWorkload.reason()).isEqualTo("RENEWAL_OTHER_IDENTITY");
        assertThat(otherWorkload.code()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(noToken.reason()).isEqualTo("TOKEN_MISSING");
    }

    @Test
    void anotherPodOfTheSameAccountCannotRenewWithThisPodsCertificate() {
        Svid first = server.svid("shop", "twin", "twin-0");

        Refusal refusal =
                refused(
                        server.connect(first),
                        server.token("shop", "twin", "twin-1"),
                        Csrs.of(Csrs.p256()));

        assertThat(refusal.reason()).isEqualTo("RENEWAL_OTHER_IDENTITY");
    }

    @Test
    void aSecondKeyOnTheSameTokenIsServedAndAudited() {
        String token = server.token("shop", "twokeys", "twokeys-0");
        RunningServer.issue(stranger, token, Csrs.of(Csrs.p256()));
        assertThat(of("TOKEN_WITH_SECOND_KEY", "twokeys")).isEmpty();

        RunningServer.issue(stranger, token, Csrs.of(Csrs.p256()));

        Awaitility.await()
                .untilAsserted(() ->
                        assertThat(of("TOKEN_WITH_SECOND_KEY", "twokeys"))
                                .singleElement()
                                .satisfies(e ->
                                        assertThat(e.getBody())
                                                .contains("twokeys-0")
                                                .doesNotContain(token)));
    }

    @Test
    void theLogHoldsAnIntentBeforeTheOutcomeOfEachCertificate() {
        Svid svid = server.svid("shop", "logged", "logged-0");

        Awaitility.await().untilAsserted(() -> assertThat(ofSerial(svid)).hasSize(2));
        List<LogEntry> found = ofSerial(svid);
        // Newest first.
        assertThat(found).extracting(LogEntry::getType).containsExactly("ISSUED", "INTENT");
        assertThat(found.get(1).getSequence()).isLessThan(found.get(0).getSequence());
        assertThat(verdict().getIntact()).isTrue();
    }

    @Test
    void aRefusalOfAnAttestedCallerIsALogEntryOfItsOwn() {
        refused(server.token("shop", "refused", "refused-0"), new byte[0]);
        refused(server.token("shop", "refused", "refused-0"), new byte[0]);

        Awaitility.await()
                .untilAsserted(() ->
                        assertThat(of("ISSUANCE_REFUSED", "refused"))
                                .hasSize(2)
                                .allSatisfy(e -> assertThat(e.getBody()).contains("CSR_MISSING")));
    }

    @Test
    void refusalsOfStrangersAreOneEntryForEachReasonAndMinute() {
        String reason = "TOKEN_LEGACY";
        for (int i = 0; i < 3; i++) {
            refused(legacy(), Csrs.of(KEYS));
        }
        CLOCK.advance(Duration.ofSeconds(61));
        refused(legacy(), Csrs.of(KEYS));

        Awaitility.await()
                .untilAsserted(() ->
                        assertThat(server.log("UNATTESTED_REFUSED"))
                                .filteredOn(e -> e.getBody().contains(reason))
                                .singleElement()
                                .satisfies(
                                        e -> assertThat(e.getBody()).contains("\"count\":\"3\"")));
    }

    @Test
    void anotherProtocolVersionIsRefused() {
        StatusRuntimeException thrown =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () ->
                                dev.countersign.wire.v1.IssuanceServiceGrpc.newBlockingStub(
                                                stranger)
                                        .issueCertificate(
                                                dev.countersign.wire.v1.IssueCertificateRequest
                                                        .newBuilder()
                                                        .setProtocolVersion(2)
                                                        .build()));

        assertThat(RunningServer.refusal(thrown).reason()).isEqualTo("REQUEST_PROTOCOL_VERSION");
    }

    private static VerifyLogResponse verdict() {
        VerifyLogResponse[] last = {VerifyLogResponse.getDefaultInstance()};
        server.admin()
                .verifyLog(VerifyLogRequest.getDefaultInstance())
                .forEachRemaining(news -> last[0] = news);
        return last[0];
    }

    private static List<LogEntry> ofSerial(Svid svid) {
        return server.log("").stream()
                .filter(e -> e.getSerial().equals(svid.peer().serial()))
                .toList();
    }

    private static List<LogEntry> of(String type, String account) {
        return server.log(type).stream().filter(e -> e.getIdentity().endsWith(account)).toList();
    }

    private static Refusal refused(String token, byte[] csr) {
        return refused(stranger, token, csr);
    }

    private static Refusal refused(ManagedChannel channel, String token, byte[] csr) {
        return RunningServer.refusal(
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> RunningServer.issue(channel, token, csr)));
    }

    private static String legacy() {
        return edit(
                        c -> {
                            c.remove("kubernetes.io");
                            c.remove("exp");
                            c.put("iss", "kubernetes/serviceaccount");
                            c.put("kubernetes.io/serviceaccount/namespace", "shop");
                        })
                .apply(CLOCK.instant());
    }

    private static Arguments bad(String reason, Function<Instant, String> token) {
        return argumentSet(reason, reason, token);
    }

    private static Function<Instant, String> edit(Consumer<Map<String, Object>> edit) {
        return now -> TokenForge.edited(now, edit).reveal();
    }

    /** Seconds before the token was made; negative = after. */
    private static long before(Map<String, Object> claims, long seconds) {
        return (Long) Objects.requireNonNull(claims.get("iat")) - seconds;
    }

    private static long after(Duration time) {
        return CLOCK.instant().plus(time).getEpochSecond();
    }
}
