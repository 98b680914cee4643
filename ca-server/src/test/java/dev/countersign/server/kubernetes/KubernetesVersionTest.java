package dev.countersign.server.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KubernetesVersionTest {
    @ParameterizedTest
    @ValueSource(strings = {"v1.29.0", "v1.29.3-gke.100", "v1.36.1+k3s1", "v1.29", "v2.0.0"})
    void supportedFrom129(String gitVersion) {
        assertThat(KubernetesVersion.parse(gitVersion).isSupported()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1.20.2", "v1.28.15-eks-1", "v0.30.0"})
    void notSupportedBelow(String gitVersion) {
        assertThat(KubernetesVersion.parse(gitVersion).isSupported()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1.29.0", "v1", "v1.x", "v99999.1.0", "none"})
    void otherTextIsRefused(String text) {
        assertThatThrownBy(() -> KubernetesVersion.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: as v1.29.0");
    }

    @Test
    void isShownAsPeopleSayIt() {
        assertThat(KubernetesVersion.parse("v1.29.3")).hasToString("1.29");
    }
}
