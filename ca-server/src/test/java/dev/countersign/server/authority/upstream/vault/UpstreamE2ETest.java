package dev.countersign.server.authority.upstream.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.countersign.server.authority.upstream.UpstreamRefused;
import dev.countersign.server.authority.upstream.UpstreamRefused.Reason;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.testing.Svid;
import dev.countersign.server.x509.KeyIds;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.wire.v1.ComponentHealth;
import dev.countersign.wire.v1.ComponentState;
import dev.countersign.wire.v1.GetStatusRequest;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A server whose intermediates are signed upstream; see {@link FakeVault} for what that is. */
final class UpstreamE2ETest {
    private final MutableClock clock = new MutableClock(Instant.now());
    private final TestAuthority above =
            TestAuthority.create(RunningServer.TRUST_DOMAIN.name(), clock, 5);

    @TempDir Path folder;

    @SuppressWarnings("NullAway.Init") // set before each
    private FakeVault vault;

    @BeforeEach
    void start() throws Exception {
        vault = new FakeVault(above, above.leaf("/vault").dns("localhost").build());
        root(above.root().certificate());
        Files.writeString(folder.resolve("ca.pem"), FakeVault.pem(above.root().certificate()));
        Path token = folder.resolve("token");
        Files.writeString(token, FakeVault.TOKEN + "\n");
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    @Test
    void workloadsAreBelievedByTheRootAbove() throws Exception {
        try (RunningServer server = server()) {
            Svid web = server.svid("shop", "web", "web-0");

            X509Certificate intermediate = web.chain().get(1);
            assertThat(web.chain()).hasSize(2);
            assertThat(web.peer().rootKeyId())
                    .isEqualTo(KeyIds.hexOfCertificate(above.root().certificate()));
            intermediate.verify(above.root().certificate().getPublicKey());
            assertThat(intermediate.getBasicConstraints()).isZero();
            assertThat(vault.lastBody().path("max_path_length").asInt(-1)).isZero();
            assertThat(vault.lastBody().path("ttl").asText()).isEqualTo("86400s");
            assertThat(web.leaf().getNotAfter()).isBeforeOrEqualTo(intermediate.getNotAfter());
            assertThat(server.log("ROOT_IMPORTED")).hasSize(1);
            assertThat(server.log("ROOT_CREATED")).isEmpty();
            assertThat(server.log("INTERMEDIATE_CREATED")).hasSize(1);
        }
        assertThat(folder.resolve("data/keys"))
                .isDirectoryNotContaining(file -> file.toString().contains("root"));
        try (RunningServer again = server()) {
            assertThat(again.svid("shop", "web", "web-1").chain()).hasSize(2);
        }
    }

    @Test
    void aServerGoesOnWhileUpstreamIsAwayAndRenewsOnceItIsBack() throws Exception {
        try (RunningServer server = server()) {
            X509Certificate first = server.svid("shop", "web", "web-0").chain().get(1);
            vault.force(503, "{\"errors\":[\"Vault is sealed\"]}");

            clock.advance(Duration.ofHours(17));

            await().ignoreExceptions()
                    .untilAsserted(() -> {
                        assertThat(health(server).getState())
                                .isEqualTo(ComponentState.COMPONENT_STATE_DEGRADED);
                        assertThat(health(server).getReason())
                                .contains(
                                        "UPSTREAM_UNAVAILABLE", "Vault is sealed", "issues until");
                    });
            assertThat(issuer(server, "web-1")).isEqualTo(first);
            vault.release();
            // What was refused is tried again ever more rarely, by the clock.
            clock.advance(Duration.ofMinutes(2));
            await().ignoreExceptions()
                    .untilAsserted(() -> assertThat(issuer(server, "web-2")).isNotEqualTo(first));
            await().untilAsserted(() ->
                    assertThat(health(server).getState())
                            .isEqualTo(ComponentState.COMPONENT_STATE_UP));
        }
    }

    @Test
    void aServerWaitsAtItsStartForAnUpstreamThatIsAway() throws Exception {
        vault.force(503, "{\"errors\":[\"Vault is sealed\"]}");

        CompletableFuture<RunningServer> starting = CompletableFuture.supplyAsync(this::started);
        await().pollDelay(Duration.ofSeconds(1)).until(() -> !starting.isDone());
        vault.release();

        try (RunningServer server = starting.get()) {
            assertThat(server.svid("shop", "web", "web-0").chain()).hasSize(2);
        }
    }

    @Test
    void whatWaitingWouldNotHelpEndsTheStart() throws Exception {
        refusedAtStart(Reason.UPSTREAM_FORBIDDEN, 403);
        refusedAtStart(Reason.UPSTREAM_NOT_FOUND, 404);
        vault.release();
        TestAuthority another = TestAuthority.create(RunningServer.TRUST_DOMAIN.name(), clock, 6);
        root(another.root().certificate());

        assertThatExceptionOfType(UpstreamRefused.class)
                .isThrownBy(this::server)
                .withMessageContaining("IMPORT_NOT_BELIEVED");
    }

    /**
     * Against an engine that is there: {@code -Dcountersign.vault=https://host:port} and, in the folder
     * {@code -Dcountersign.vault.files}, {@code token}, {@code ca.pem} and {@code root.pem}; its mount
     * is {@code pki}.
     */
    @Test
    @EnabledIfSystemProperty(named = "countersign.vault", matches = "https://.+")
    void aRealEngineSignsAsTheFakeDoes() throws Exception {
        Path files = Path.of(System.getProperty("countersign.vault.files", "."));
        try (RunningServer server =
                RunningServer.start(
                        folder,
                        InstantSource.system(),
                        upstream(URI.create(System.getProperty("countersign.vault", "")), files))) {
            Svid web = server.svid("shop", "web", "web-0");

            X509Certificate intermediate = web.chain().get(1);
            assertThat(intermediate.getBasicConstraints()).isZero();
            assertThat(intermediate.getSubjectX500Principal().getName())
                    .startsWith("CN=Countersign intermediate ");
            assertThat(intermediate.getSubjectAlternativeNames().toString())
                    .contains(RunningServer.TRUST_DOMAIN.id());
            assertThat(server.verifier().verify(web.chain()).id()).isEqualTo(web.peer().id());
        }
    }

    private void refusedAtStart(Reason reason, int status) {
        vault.force(status, "{\"errors\":[]}");

        assertThatExceptionOfType(UpstreamRefused.class)
                .isThrownBy(this::server)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private RunningServer started() {
        try {
            return server();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private RunningServer server() throws Exception {
        return RunningServer.start(folder, clock, upstream(vault.address(), folder));
    }

    private static String[] upstream(URI address, Path files) {
        return new String[] {
            "authority:",
            "  upstream:",
            "    vault:",
            "      address: " + address,
            "      tokenFile: " + files.resolve("token"),
            "      caFile: " + files.resolve("ca.pem"),
            "      rootFile: " + files.resolve("root.pem")
        };
    }

    private void root(X509Certificate root) throws Exception {
        Files.writeString(folder.resolve("root.pem"), FakeVault.pem(root) + "\n");
    }

    private static X509Certificate issuer(RunningServer server, String pod) {
        return server.svid("shop", "web", pod).chain().get(1);
    }

    private static ComponentHealth health(RunningServer server) {
        return server
                .admin()
                .getStatus(GetStatusRequest.getDefaultInstance())
                .getComponentsList()
                .stream()
                .filter(one -> one.getName().equals("upstream"))
                .findFirst()
                .orElseGet(ComponentHealth::getDefaultInstance);
    }
}
