package dev.countersign.agent.redirect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.agent.testing.Namespace;
import dev.countersign.agent.testing.NamespaceNetwork;
import dev.countersign.policy.match.IpBlock;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The kernel's own tools, in a namespace that is made for this. */
final class RedirectionNamespaceTest {
    private static final Command REAL = Command.processes();
    private static final RedirectSettings SETTINGS =
            new RedirectSettings(
                    15006,
                    15001,
                    1337,
                    List.of(),
                    List.of(RedirectSettings.OPS_PORT, PortRange.parse("9000-9099")),
                    List.of(PortRange.parse("5432")),
                    List.of(
                            Objects.requireNonNull(IpBlock.parse("10.1.2.3/8")),
                            Objects.requireNonNull(IpBlock.parse("2001:db8::/32"))),
                    List.of(99L));

    private static NamespaceNetwork network;

    @BeforeAll
    static void make() throws IOException {
        Optional<String> unavailable = NamespaceNetwork.unavailable();
        assumeTrue(unavailable.isEmpty(), () -> unavailable.orElse(""));
        network = NamespaceNetwork.of("nft", "legacy", "broken");
    }

    @AfterAll
    static void remove() {
        if (network != null) {
            network.close();
        }
    }

    @Test
    void rulesAreInstalledOnceComparedAndRemovedWithNothingLeft() throws Exception {
        installsComparesAndRemoves(network.host("nft"), REAL, "iptables-nft");
    }

    @Test
    void theLegacyBackEndIsUsedWhereNftDoesNotWork() throws Exception {
        Command withoutNft =
                (arguments, input) -> {
                    if (arguments.getFirst().contains("-nft")) {
                        throw new IOException("no such thing");
                    }
                    return REAL.run(arguments, input);
                };
        installsComparesAndRemoves(network.host("legacy"), withoutNft, "iptables-legacy");
    }

    @Test
    void nothingStaysWhenTheSecondFamilyRefuses() throws Exception {
        Command withoutIpv6 =
                (arguments, input) -> {
                    if (arguments.getFirst().startsWith("ip6tables-nft-restore")) {
                        throw new IOException("ip6tables-restore: no");
                    }
                    return REAL.run(arguments, input);
                };
        network.host("broken")
                .run(() -> {
                    Redirection redirection = redirection(withoutIpv6);
                    assertThatThrownBy(() -> redirection.install(SETTINGS))
                            .hasMessageContaining("ip6tables-restore: no");
                    assertThat(redirection(REAL).remove())
                            .flatExtracting(Redirection.Outcome::text)
                            .containsOnly("nothing of ours was there");
                    return true;
                });
    }

    private static void installsComparesAndRemoves(Namespace host, Command runner, String backend)
            throws Exception {
        host.run(() -> {
            Redirection redirection = redirection(runner);
            Iptables tool = Iptables.find(runner, IpFamily.V4).orElseThrow();
            assertThat(tool.command()).isEqualTo(backend);
            List<String> before = tool.rules();
            assertThat(differences(redirection)).isNotEmpty();

            redirection.install(SETTINGS);
            assertThat(differences(redirection)).isEmpty();
            List<String> once = tool.rules();
            redirection.install(SETTINGS);
            assertThat(tool.rules()).isEqualTo(once);
            redirection.install(RedirectSettings.of(7));
            assertThat(redirection.verify(RedirectSettings.of(7)))
                    .flatExtracting(Redirection.Outcome::text)
                    .isEmpty();

            tool.restore("*nat\n-D COUNTERSIGN_OUTBOUND 1\nCOMMIT\n");
            assertThat(redirection.verify(RedirectSettings.of(7)))
                    .flatExtracting(Redirection.Outcome::text)
                    .containsExactly("missing: -A COUNTERSIGN_OUTBOUND -o lo -j RETURN");

            redirection.remove();
            assertThat(tool.rules()).isEqualTo(before);
            return true;
        });
    }

    private static List<String> differences(Redirection redirection) throws IOException {
        return redirection.verify(SETTINGS).stream().flatMap(one -> one.text().stream()).toList();
    }

    private static Redirection redirection(Command runner) {
        return new Redirection(runner, List.of(IpFamily.V4, IpFamily.V6));
    }
}
