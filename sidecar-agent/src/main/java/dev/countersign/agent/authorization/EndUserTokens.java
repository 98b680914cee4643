package dev.countersign.agent.authorization;

import dev.countersign.agent.subscription.KeyWishes;
import dev.countersign.agent.subscription.PolicySource;
import dev.countersign.agent.subscription.PolicySource.InForce;
import dev.countersign.jwt.HeldKeys;
import dev.countersign.jwt.RequestParts;
import dev.countersign.jwt.TokenFinder;
import dev.countersign.jwt.TokenResult;
import dev.countersign.jwt.TokenValidator;
import dev.countersign.policy.authentication.JwtRule;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Checks the tokens of end users by the rules in force; nothing of it is loaded where none are. */
public final class EndUserTokens {
    private final PolicySource source;
    private final KeyWishes wishes;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private volatile @Nullable Checks checks;

    public EndUserTokens(
            PolicySource source, KeyWishes wishes, InstantSource clock, MeterRegistry meters) {
        this.source = source;
        this.wishes = wishes;
        this.clock = clock;
        this.meters = meters;
    }

    /** What was made for one revision; what it remembers of good tokens goes with it. */
    private record Checks(InForce of, TokenFinder finder, TokenValidator validator) {}

    /** The rules that hold now; none where nobody says anything of tokens. */
    public List<JwtRule> rules() {
        Optional<InForce> now = source.current();
        return now.isPresent() ? now.get().tokens() : List.of();
    }

    /** Whether the request has a token, and what it is worth. Never throws. */
    public TokenResult check(RequestParts request) {
        Optional<InForce> now = source.current();
        if (now.isEmpty() || now.get().tokens().isEmpty()) {
            return new TokenResult.Missing();
        }
        Checks current = checksOf(now.get());
        TokenResult result = current.validator().validate(current.finder().find(request));
        count(result);
        return result;
    }

    @SuppressWarnings("ReferenceEquality") // the very object: comparing policies would cost more
    private Checks checksOf(InForce now) {
        Checks held = checks;
        if (held != null && held.of() == now) {
            return held;
        }
        HeldKeys keys =
                new HeldKeys(
                        now.keys().stream()
                                .map(one ->
                                        new HeldKeys.Sent(
                                                one.address(),
                                                one.jwks(),
                                                one.fetched(),
                                                one.problem()))
                                .toList(),
                        wishes::add,
                        clock);
        Checks made =
                new Checks(
                        now,
                        new TokenFinder(now.tokens()),
                        new TokenValidator(now.tokens(), keys, clock));
        checks = made;
        return made;
    }

    /** By the names of an enum, so that the number of series is bounded. */
    private void count(TokenResult result) {
        String outcome =
                switch (result) {
                    case TokenResult.Missing missing -> "missing";
                    case TokenResult.Valid valid -> "valid";
                    case TokenResult.KeysUnavailable unavailable -> "keys_unavailable";
                    case TokenResult.Invalid invalid ->
                            invalid.reason().name().toLowerCase(Locale.ROOT);
                };
        Counter.builder("countersign.agent.tokens")
                .description("Requests on workloads with token rules, by what their token is worth")
                .tag("outcome", outcome)
                .register(meters)
                .increment();
    }
}
