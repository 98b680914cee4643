package dev.countersign.agent.authorization;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DenialIdsTest {
    @Test
    void areSixteenCharactersOfCrockfordAndNeverTheSame() {
        DenialIds ids = new DenialIds(new SecureRandom());
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            String id = ids.next();
            assertThat(id).matches("[0-9A-HJKMNP-TV-Z]{16}");
            assertThat(seen.add(id)).isTrue();
        }
    }

    @Test
    void carryEveryBitOfTheRandomness() {
        assertThat(new DenialIds(bytes(0x00)).next()).isEqualTo("0".repeat(16));
        assertThat(new DenialIds(bytes(0xff)).next()).isEqualTo("Z".repeat(16));
        assertThat(new DenialIds(bytes(0x01)).next()).isEqualTo("040G2081040G2081");
    }

    private static SecureRandom bytes(int value) {
        return new SecureRandom() {
            @Override
            public void nextBytes(byte[] bytes) {
                java.util.Arrays.fill(bytes, (byte) value);
            }
        };
    }
}
