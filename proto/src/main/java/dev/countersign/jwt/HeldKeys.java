package dev.countersign.jwt;

import dev.countersign.policy.authentication.JwtRule;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Keys that stand in rules or were sent by the server. Immutable but for the floor between two
 * wishes for the same address.
 */
public final class HeldKeys implements JwksSource {
    /** Keys that were last confirmed longer ago are not believed: their issuer may have withdrawn them. */
    public static final Duration MAX_AGE = Duration.ofHours(24);

    /** Least time between two wishes for one address. */
    public static final Duration FLOOR = Duration.ofSeconds(10);

    private final Map<String, Sent> sent;
    private final Map<String, Keys> parsed = new ConcurrentHashMap<>();
    private final Map<String, Instant> wished = new ConcurrentHashMap<>();
    private final Consumer<String> refresh;
    private final InstantSource clock;

    /**
     * @param sent what the server fetched
     * @param refresh told an address at which there may be more keys; at most once in {@link #FLOOR}
     */
    public HeldKeys(Collection<Sent> sent, Consumer<String> refresh, InstantSource clock) {
        Map<String, Sent> byAddress = new HashMap<>();
        sent.forEach(one -> byAddress.put(one.address(), one));
        this.sent = Map.copyOf(byAddress);
        this.refresh = refresh;
        this.clock = clock;
    }

    @Override
    public Keys keysOf(JwtRule rule) {
        String written = rule.jwks();
        if (written != null) {
            return parsed.computeIfAbsent("written " + written, key -> parse(written, ""));
        }
        String address = rule.jwksUri();
        Sent known = address == null ? null : sent.get(address);
        if (address == null || known == null) {
            return new Unavailable("the server has not sent them");
        }
        if (known.jwks().isEmpty()) {
            return new Unavailable(
                    known.problem().isEmpty() ? "the server has none" : known.problem());
        }
        boolean old =
                known.fetched().map(at -> clock.instant().isAfter(at.plus(MAX_AGE))).orElse(true);
        if (old) {
            return new Unavailable(
                    "last confirmed "
                            + known.fetched().map(Instant::toString).orElse("never")
                            + " (expected: within "
                            + MAX_AGE
                            + "); "
                            + known.problem());
        }
        return parsed.computeIfAbsent(
                "sent " + address, key -> parse(known.jwks(), known.problem()));
    }

    @Override
    public void unknownKey(JwtRule rule) {
        String address = rule.jwksUri();
        if (address == null || rule.jwks() != null) {
            return;
        }
        Instant now = clock.instant();
        boolean[] due = new boolean[1];
        wished.compute(
                address,
                (key, last) -> {
                    // A clock set back counts as elapsed: asking once too often does no harm.
                    due[0] = last == null || now.isBefore(last) || !now.isBefore(last.plus(FLOOR));
                    return due[0] ? now : last;
                });
        if (due[0]) {
            refresh.accept(address);
        }
    }

    private static Keys parse(String document, String problem) {
        try {
            return new Held(Jwks.parse(document), problem);
        } catch (JwksRefused e) {
            return new Unavailable(e.getMessage());
        }
    }

    /**
     * What the server sent of one address.
     *
     * @param jwks empty: it has none
     * @param fetched when they were last confirmed
     * @param problem why they cannot be confirmed now; empty when they can
     */
    public record Sent(String address, String jwks, Optional<Instant> fetched, String problem) {}
}
