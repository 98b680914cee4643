package dev.countersign.server.attestation.serviceaccount;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import dev.countersign.server.attestation.AttestationRefused;
import dev.countersign.server.attestation.Attestor;
import dev.countersign.server.attestation.BearerToken;
import dev.countersign.server.attestation.Evidence;
import dev.countersign.testing.MutableClock;
import dev.countersign.trust.NativeCrypto;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;

/**
 * CPU microseconds for one token, all in: parse, claims, key, signature, fingerprint. Run it with the
 * test class path; {@code -Dcountersign.crypto=jdk} for the JDK's arithmetic.
 */
final class TokenCheckBenchmark {
    private static final int ROUNDS = 6;
    private static final int CHECKS = 20_000;

    private TokenCheckBenchmark() {}

    public static void main(String[] arguments) throws AttestationRefused {
        System.out.println("native arithmetic: " + NativeCrypto.isNative());
        measure("RS256, RSA-2048", "RS256", TokenForge.RSA);
        measure("ES256, P-256", "ES256", TokenForge.ec(TokenForge.KID, Curve.P_256));
        parseOnly();
    }

    private static void measure(String label, String algorithm, JWK key) throws AttestationRefused {
        MutableClock clock = MutableClock.create();
        JwksSource keys =
                new JwksSource(
                        new InMemoryJwks(TokenForge.jwks(key)),
                        JwksSettings.forFile(),
                        clock,
                        Runnable::run);
        Attestor attestor =
                new ServiceAccountTokenAttestor(TokenSettings.of(TokenForge.ISSUER), keys, clock);
        String header = "{\"alg\":\"" + algorithm + "\",\"kid\":\"" + TokenForge.KID + "\"}";
        BearerToken token =
                TokenForge.signed(header, TokenForge.json(TokenForge.claims(clock.instant())), key);
        Evidence evidence = new Evidence(token, Optional.empty(), InetAddress.getLoopbackAddress());
        for (int round = 0; round < ROUNDS; round++) {
            long start = cpuTime();
            for (int check = 0; check < CHECKS; check++) {
                attestor.attest(evidence);
            }
            print(label, start);
        }
    }

    private static void parseOnly() throws AttestationRefused {
        BearerToken token = TokenForge.good(MutableClock.START);
        for (int round = 0; round < ROUNDS; round++) {
            long start = cpuTime();
            for (int check = 0; check < CHECKS; check++) {
                TokenClaims.of(TokenParser.parse(token).claims());
            }
            print("parse and claims alone", start);
        }
    }

    /** Of this thread, so that a busy machine does not count. */
    private static long cpuTime() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static void print(String label, long start) {
        double micros = (cpuTime() - start) / 1e3 / CHECKS;
        System.out.printf(Locale.ROOT, "%-24s %6.1f us%n", label, micros);
    }
}
