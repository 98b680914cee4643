package dev.countersign.server.attestation.serviceaccount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jose.jwk.RSAKey;
import dev.countersign.server.attestation.AttestationRefused;
import dev.countersign.server.attestation.AttestationRefused.Reason;
import dev.countersign.server.attestation.KnownMissing;
import dev.countersign.testing.MutableClock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

final class JwksSourceTest {
    private static final RSAKey OTHER = TokenForge.rsa("key-2", 2048);
    private static final Duration FLOOR = Duration.ofSeconds(10);
    private static final Duration EVERY = Duration.ofMinutes(5);
    private static final Duration MAX_AGE = Duration.ofHours(1);
    private static final Duration UNKNOWN_FOR = Duration.ofSeconds(30);

    private final MutableClock clock = MutableClock.create();
    private final InMemoryJwks jwks = new InMemoryJwks(TokenForge.jwks(TokenForge.RSA));
    private final Queue<Runnable> background = new ArrayDeque<>();
    private final JwksSource source =
            new JwksSource(
                    jwks,
                    new JwksSettings(EVERY, FLOOR, MAX_AGE, UNKNOWN_FOR, 10),
                    clock,
                    background::add);

    @Test
    void aKnownKeyCostsOneLook() throws AttestationRefused {
        for (int i = 0; i < 100; i++) {
            assertThat(source.find("key-1")).isNotNull();
        }

        assertThat(jwks.loads()).isEqualTo(1);
        assertThat(background).isEmpty();
    }

    @Test
    void aNewKeyIsFoundAtOnceWhenTheFloorAllows() throws AttestationRefused {
        source.find("key-1");
        jwks.set(TokenForge.jwks(TokenForge.RSA, OTHER));

        assertThat(reason("key-2")).isEqualTo(Reason.TOKEN_UNKNOWN_KEY);
        clock.advance(FLOOR);

        assertThat(source.find("key-2")).isNotNull();
        assertThat(jwks.loads()).isEqualTo(2);
    }

    @Test
    void unknownKeyIdsCannotMakeItLookMoreOftenThanTheFloor() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(reason("kid-" + i)).isEqualTo(Reason.TOKEN_UNKNOWN_KEY);
            clock.advance(Duration.ofMillis(20));
        }

        assertThat(jwks.loads()).isEqualTo(2);
    }

    @Test
    void anUnknownKeyIdIsRememberedForAWhile() throws AttestationRefused {
        assertThat(reason("key-2")).isEqualTo(Reason.TOKEN_UNKNOWN_KEY);
        jwks.set(TokenForge.jwks(TokenForge.RSA, OTHER));

        clock.advance(UNKNOWN_FOR.minusSeconds(1));
        assertThat(reason("key-2")).isEqualTo(Reason.TOKEN_UNKNOWN_KEY);
        assertThat(jwks.loads()).isEqualTo(1);
        clock.advance(Duration.ofSeconds(1));

        assertThat(source.find("key-2")).isNotNull();
    }

    @Test
    void aNewDocumentEndsTheMemoryOfUnknownKeys() throws AttestationRefused {
        reason("key-2");
        jwks.set(TokenForge.jwks(TokenForge.RSA, OTHER));
        clock.advance(FLOOR);

        reason("key-3");

        assertThat(source.find("key-2")).isNotNull();
    }

    @Test
    void aWithdrawnKeyIsGoneAfterTheNextLook() throws AttestationRefused {
        source.find("key-1");
        jwks.set(TokenForge.jwks(OTHER));
        clock.advance(EVERY);

        source.find("key-1");
        source.find("key-1");
        assertThat(background).as("one look, off the caller's path").hasSize(1);
        background.remove().run();

        assertThat(reason("key-1")).isEqualTo(Reason.TOKEN_UNKNOWN_KEY);
        assertThat(source.find("key-2")).isNotNull();
    }

    @Test
    void theLastGoodSetServesUntilItIsTooOld() throws AttestationRefused {
        source.find("key-1");
        jwks.fail("connection refused");

        clock.advance(MAX_AGE.minusSeconds(1));
        assertThat(source.find("key-1")).isNotNull();
        background.remove().run();
        assertThat(source.status().failure()).contains("connection refused");
        assertThat(source.status().usable()).isTrue();
        clock.advance(Duration.ofSeconds(1));

        assertThat(reason("key-1")).isEqualTo(Reason.ISSUER_KEYS_UNAVAILABLE);
        assertThat(source.status().usable()).isFalse();
        jwks.set(TokenForge.jwks(TokenForge.RSA));
        clock.advance(FLOOR);
        assertThat(source.find("key-1")).isNotNull();
    }

    @Test
    void anUnknownKeyWhileTheIssuerCannotBeAskedIsNotFinal() throws AttestationRefused {
        source.find("key-1");
        jwks.fail("timeout");
        clock.advance(FLOOR);

        AttestationRefused refused =
                catchThrowableOfType(AttestationRefused.class, () -> source.find("key-2"));

        assertThat(refused.reason()).isEqualTo(Reason.ISSUER_KEYS_UNAVAILABLE);
        assertThat(refused.isTransient()).isTrue();
    }

    @Test
    void aBadDocumentDoesNotReplaceAGoodOne() throws AttestationRefused {
        source.find("key-1");
        jwks.set("{\"keys\":[]}");
        clock.advance(EVERY);
        source.find("key-1");

        background.remove().run();

        assertThat(source.find("key-1")).isNotNull();
        assertThat(source.status().failure().orElseThrow()).startsWith("keys: none usable");
    }

    @Test
    void withoutAnyKeysTheIssuerIsAskedNoMoreOftenThanTheFloor() {
        jwks.fail("no such host");
        for (int i = 0; i < 100; i++) {
            assertThat(reason("key-1")).isEqualTo(Reason.ISSUER_KEYS_UNAVAILABLE);
        }

        assertThat(jwks.loads()).isEqualTo(1);
    }

    @Test
    void aClockSetBackDoesNotStopIt() throws AttestationRefused {
        source.find("key-1");

        clock.advance(Duration.ofDays(-1));

        assertThat(source.find("key-1")).isNotNull();
        background.remove().run();
        assertThat(source.find("key-1")).isNotNull();
    }

    @Test
    void manyCallersWithANewKeyShareOneLook() throws Exception {
        InstantSource ticking =
                () -> {
                    clock.advance(Duration.ofNanos(1));
                    return clock.instant();
                };
        JwksSource shared =
                new JwksSource(
                        jwks,
                        new JwksSettings(EVERY, FLOOR, MAX_AGE, UNKNOWN_FOR, 10),
                        ticking,
                        Runnable::run);
        shared.find("key-1");
        jwks.set(TokenForge.jwks(TokenForge.RSA, OTHER));
        clock.advance(FLOOR);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<IssuerKey>> found = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            for (int i = 0; i < 16; i++) {
                found.add(
                        threads.submit(() -> {
                            start.await();
                            return shared.find("key-2");
                        }));
            }
            start.countDown();
        }

        for (Future<IssuerKey> each : found) {
            assertThat(each.get()).isNotNull();
        }
        assertThat(jwks.loads()).isEqualTo(2);
    }

    @Test
    void theMemoryOfUnknownKeysIsBounded() {
        KnownMissing unknown = new KnownMissing(UNKNOWN_FOR, JwksSource.MAX_UNKNOWN);

        for (int i = 0; i < 5_000; i++) {
            unknown.add("kid-" + i, clock.instant());
        }

        assertThat(unknown.size()).isEqualTo(1024);
        assertThat(unknown.contains("kid-4999", clock.instant())).isTrue();
        assertThat(unknown.contains("kid-0", clock.instant())).isFalse();
    }

    private Reason reason(String kid) {
        return catchThrowableOfType(AttestationRefused.class, () -> source.find(kid)).reason();
    }
}
