package dev.countersign.agent.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StateFormatTest {
    private final SortedMap<String, byte[]> sections =
            new TreeMap<>(
                    java.util.Map.of(
                            "svid", "one".getBytes(StandardCharsets.UTF_8), "feed", new byte[0]));

    @Test
    void comesBackAsItWasWritten() throws IOException {
        SortedMap<String, byte[]> back = StateFormat.decode(StateFormat.encode(sections));

        assertThat(back).containsOnlyKeys("feed", "svid");
        assertThat(back.get("svid")).isEqualTo(sections.get("svid"));
        assertThat(back.get("feed")).isEmpty();
    }

    @Test
    void everySingleFlippedBitIsNoticed() {
        byte[] good = StateFormat.encode(sections);
        for (int bit = 0; bit < good.length * 8; bit++) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThatThrownBy(() -> StateFormat.decode(bad))
                    .as("bit %d", bit)
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void everyCutIsNoticed() {
        byte[] good = StateFormat.encode(sections);
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> StateFormat.decode(cut))
                    .as("%d bytes", length)
                    .isInstanceOf(IOException.class);
        }
    }
}
