package dev.countersign.agent.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.countersign.identity.SpiffeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CaAddressTest {
    private static final SpiffeId CA = SpiffeId.parse("spiffe://example.org/countersign/ca-server");

    @Test
    void readsNamesAndBothKindsOfLiterals() {
        assertThat(CaAddress.parse("ca.mesh:9443", CA))
                .isEqualTo(new CaAddress("ca.mesh", 9443, CA));
        assertThat(CaAddress.parse("10.0.0.1:1", CA)).hasToString("10.0.0.1:1");
        assertThat(CaAddress.parse("[::1]:65535", CA)).isEqualTo(new CaAddress("::1", 65535, CA));
        assertThat(CaAddress.parse("[::1]:65535", CA)).hasToString("[::1]:65535");
    }

    @Test
    void readsSeveralReplicas() {
        CaAddress address = CaAddress.parse("ca-0:8443, ca-1:8443,[::1]:8443", CA);

        assertThat(address.all())
                .containsExactly(
                        new CaAddress("ca-0", 8443, CA),
                        new CaAddress("ca-1", 8443, CA),
                        new CaAddress("::1", 8443, CA));
        assertThat(address).hasToString("ca-0:8443,ca-1:8443,[::1]:8443");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CaAddress.parse("ca:1,".repeat(16) + "ca:1", CA))
                .withMessage("17 addresses (expected: <= 16)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ca:1,",
                ",ca:1",
                "",
                "ca",
                ":1",
                "ca:",
                "ca:x",
                "ca:0",
                "ca:65536",
                "::1:1",
                " :1"
            })
    void refusesWhatIsNoAddress(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CaAddress.parse(text, CA))
                .withMessageContaining("expected");
    }
}
