package dev.countersign.server.store;

import dev.countersign.identity.SpiffeId;
import dev.countersign.server.audit.IssuanceIntent;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Makes intents as the pipeline does, with serials and keys of their own. */
public final class Intents {
    public static final Instant NOW = Instant.parse("2026-03-01T10:15:00.123Z");
    public static final String ISSUER = "a1".repeat(20);

    private final RandomGenerator random;

    public Intents(RandomGenerator random) {
        this.random = random;
    }

    public IssuanceIntent next() {
        return next(ISSUER, "web");
    }

    public IssuanceIntent next(String issuer, String account) {
        return of(issuer, account, hex(32));
    }

    public IssuanceIntent of(String issuer, String account, String publicKeyHash) {
        return new IssuanceIntent(
                issuer,
                serial(),
                SpiffeId.parse("spiffe://example.org/ns/shop/sa/" + account),
                account + "-0",
                "7b0c3c46-5c55-4e4a-9c6b-" + hex(6),
                Optional.of("node-1"),
                publicKeyHash,
                hex(32),
                NOW.minus(Duration.ofMinutes(5)),
                NOW.plus(Duration.ofHours(1)),
                NOW,
                hex(32),
                "1c2d3e4f-0000-4000-8000-" + hex(6),
                Optional.of(NOW));
    }

    public String hex(int bytes) {
        byte[] value = new byte[bytes];
        random.nextBytes(value);
        return HexFormat.of().formatHex(value);
    }

    private String serial() {
        return new BigInteger(hex(16), 16).clearBit(127).setBit(0).toString(16);
    }
}
