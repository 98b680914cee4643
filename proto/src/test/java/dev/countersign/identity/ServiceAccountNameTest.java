package dev.countersign.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.testing.Cases;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ServiceAccountNameTest {
    private static final TrustDomain TD = new TrustDomain("td");

    static Stream<Long> seeds() {
        return Cases.seeds(300);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "a",
                "a/",
                "/a",
                "A/b",
                "a/B",
                "a/b/c",
                "a.b/c",
                "-a/b",
                "a-/b",
                "a/-b",
                "a/b-",
                "a/b..c",
                "a/.b",
                "a/b.",
                "a/b.-c",
                "a_b/c",
                "a/b_c",
                "a /b",
                "a/b\n",
                "a/../b",
                "\u00e4/b",
                "a%2f/b"
            })
    void refusesWhatKubernetesWouldNotName(String text) {
        assertThatThrownBy(() -> ServiceAccountName.parse(text))
                .isInstanceOf(MalformedIdentity.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "shop/web", "0/1", "a-b/c-d", "a/b.c-d.e", "sa/ns", "ns/sa"})
    void acceptsWhatKubernetesWouldName(String text) {
        assertThat(ServiceAccountName.parse(text)).hasToString(text);
    }

    @Test
    void lengthsAreThoseOfKubernetes() {
        String label = "a".repeat(63);
        String subdomain = "a".repeat(253);

        assertThat(ServiceAccountName.isNamespace(label)).isTrue();
        assertThat(ServiceAccountName.isNamespace(label + "a")).isFalse();
        assertThat(ServiceAccountName.isName(subdomain)).isTrue();
        assertThat(ServiceAccountName.isName(subdomain + "a")).isFalse();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyServiceAccountHasOneIdAndTheIdLeadsBack(long seed) {
        Cases cases = new Cases(seed);
        ServiceAccountName account =
                new ServiceAccountName(cases.label(), cases.label() + "." + cases.label());

        SpiffeId id = SpiffeId.of(TD, account);

        assertThat(id.path()).isEqualTo("/ns/" + account.namespace() + "/sa/" + account.name());
        assertThat(id.serviceAccount()).contains(account);
        assertThat(ServiceAccountName.parse(account.toString())).isEqualTo(account);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/x",
                "/ns/a",
                "/ns/a/sa",
                "/ns/a/b",
                "/ns/a/sa/b/c",
                "/ns/a/b/sa/c",
                "/ns/A/sa/b",
                "/ns/a/sa/B",
                "/x/ns/a/sa/b",
                "/NS/a/SA/b",
                "/ns/a/sa/b_c",
                "/ns/a/sa/b/sa/c",
                "/countersign/ca-server"
            })
    void pathsOfAnyOtherShapeStandForNoServiceAccount(String path) {
        assertThat(new SpiffeId(TD, path).serviceAccount()).isEmpty();
    }

    @Test
    void namespacesCalledSaAreNotConfused() {
        assertThat(SpiffeId.parse("spiffe://td/ns/sa/sa/sa").serviceAccount())
                .contains(new ServiceAccountName("sa", "sa"));
    }
}
