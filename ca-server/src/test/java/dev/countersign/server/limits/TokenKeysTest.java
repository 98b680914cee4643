package dev.countersign.server.limits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.server.limits.TokenKeys.Use;
import dev.countersign.server.limits.Verdict.Exceeded;
import dev.countersign.testing.MutableClock;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class TokenKeysTest {
    private static final Instant NOW = MutableClock.START;
    private static final Instant END = NOW.plusSeconds(3600);

    private final TokenKeys keys = new TokenKeys(3, 2);

    @Test
    void theFirstKeyAndItsRepetitionAreNothingSpecial() {
        Use first = keys.firstContact("token", END, "key-1", NOW);
        Use again = keys.firstContact("token", END, "key-1", NOW);

        assertThat(first.isSecondKey()).isFalse();
        assertThat(again.isSecondKey()).isFalse();
        assertThat(again.verdict().passes()).isTrue();
    }

    @Test
    void anotherKeyIsNotedAndTooManyAreRefused() {
        keys.firstContact("token", END, "key-1", NOW);
        Use second = keys.firstContact("token", END, "key-2", NOW);
        keys.firstContact("token", END, "key-3", NOW);
        Use fourth = keys.firstContact("token", END, "key-4", NOW);
        Use known = keys.firstContact("token", END, "key-1", NOW);

        assertThat(second.isSecondKey()).isTrue();
        assertThat(second.verdict().passes()).isTrue();
        assertThat(fourth.isSecondKey()).isTrue();
        assertThat(fourth.verdict()).isInstanceOf(Exceeded.class);
        assertThat(known.verdict().passes()).isTrue();
    }

    @Test
    void tokensAreForgottenWhenTheyEndOrAtTheBound() {
        keys.firstContact("a", NOW.plusSeconds(1), "key", NOW);
        keys.firstContact("b", END, "key", NOW);
        keys.firstContact("c", END, "key", NOW.plusSeconds(2));
        assertThat(keys.size()).isEqualTo(2);

        keys.firstContact("d", END, "key", NOW.plusSeconds(2));

        assertThat(keys.size()).isEqualTo(2);
        assertThat(keys.firstContact("c", END, "key-2", NOW.plusSeconds(2)).isSecondKey()).isTrue();
    }
}
