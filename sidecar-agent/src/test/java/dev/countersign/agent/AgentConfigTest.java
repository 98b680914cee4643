package dev.countersign.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.agent.proxy.Protocol;
import dev.countersign.agent.proxy.ProxyLimits;
import dev.countersign.agent.proxy.Timeout;
import dev.countersign.agent.scrape.ApplicationPage;
import dev.countersign.runtime.ConfigProblem;
import dev.countersign.runtime.ConfigRefused;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentConfigTest {
    private static final String LEAST =
            """
            trustDomain: example.org
            ca: { address: "ca.mesh:9443" }
            bootstrap: { file: bootstrap.json, tokenFile: token }
            """;

    @TempDir Path directory;

    @Test
    void theLeastThatAnAgentNeedsHasSafeDefaults() throws Exception {
        AgentConfig config = load(LEAST).config();

        assertThat(config.ca().serverId())
                .hasToString("spiffe://example.org/countersign/ca-server");
        assertThat(config.bootstrapFile()).isEqualTo(directory.resolve("bootstrap.json"));
        assertThat(config.ops().getHostString()).isEqualTo("127.0.0.1");
        assertThat(config.ops().getPort()).isEqualTo(15020);
        assertThat(config.drain()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.stateDirectory()).isEmpty();
        assertThat(config.inbound()).isEmpty();
    }

    @Test
    void readsWhereTheApplicationsMetricsAre() throws Exception {
        assertThat(load(LEAST).config().operations().application()).isEmpty();
        assertThat(
                        load(LEAST + "metrics: { application: { port: 9090 } }\n")
                                .config()
                                .operations()
                                .application())
                .contains(new ApplicationPage(9090, "/metrics", Duration.ofSeconds(3)));
        ConfigRefused refused =
                catchThrowableOfType(
                        ConfigRefused.class,
                        () ->
                                load(
                                        LEAST
                                                + "metrics: { application: { port: 0, path: metrics,"
                                                + " timeout: 31s } }\n"));
        assertThat(refused.problems())
                .extracting(ConfigProblem::path)
                .containsExactlyInAnyOrder(
                        "metrics.application.port",
                        "metrics.application.path",
                        "metrics.application.timeout");
    }

    @Test
    void readsListenersOnAddressesAndUnixSockets() throws Exception {
        AgentConfig config =
                load(LEAST
                                + """
                                listeners:
                                  inbound:
                                    - { listen: "0.0.0.0:15006", target: "127.0.0.1:8080", protocol: http }
                                  outbound:
                                    - listen: /run/app/orders.sock
                                      target: orders.shop:15006
                                      peer: spiffe://example.org/ns/shop/sa/orders
                                      protocol: tcp
                                """)
                        .config();

        assertThat(config.inbound().getFirst().listen())
                .isEqualTo(new InetSocketAddress("0.0.0.0", 15006));
        assertThat(config.inbound().getFirst().protocol()).isEqualTo(Protocol.HTTP);
        assertThat(config.outbound().getFirst().listen())
                .isEqualTo(UnixDomainSocketAddress.of("/run/app/orders.sock"));
        assertThat(config.outbound().getFirst().target())
                .isEqualTo(InetSocketAddress.createUnresolved("orders.shop", 15006));
        assertThat(config.outbound().getFirst().expectedPeer())
                .hasToString("spiffe://example.org/ns/shop/sa/orders");
    }

    @Test
    void saysEverythingThatIsWrongAtOnce() {
        ConfigRefused refused =
                catchThrowableOfType(
                        ConfigRefused.class,
                        () ->
                                load(
                                        """
                                        trustDomain: Not A Domain
                                        ca: { address: nowhere, serverId: spiffe://other/x }
                                        bootstrap: { file: bootstrap.json }
                                        listeners:
                                          inbound: [ { listen: "127.0.0.1:99999", target: "x:1", protocol: smtp } ]
                                        log: { level: loud }
                                        extra: 1
                                        """));

        assertThat(refused.problems())
                .extracting(ConfigProblem::path)
                .contains(
                        "trustDomain",
                        "ca.address",
                        "ca.serverId",
                        "bootstrap.tokenFile",
                        "listeners.inbound[0].listen",
                        "listeners.inbound[0].protocol",
                        "log.level",
                        "extra");
    }

    @Test
    void limitsHaveDefaultsAndBounds() throws Exception {
        ProxyLimits limits =
                load(LEAST + "limits: { connections: 7, streamsPerPeer: 9, connectToPeer: 2s }")
                        .config()
                        .limits();

        assertThat(limits.connections()).isEqualTo(7);
        assertThat(limits.http2().streamsPerPeer()).isEqualTo(9);
        assertThat(limits.http2().streams()).isEqualTo(100);
        assertThat(limits.timeout(Timeout.CONNECT_TO_PEER)).isEqualTo(Duration.ofSeconds(2));
        assertThat(limits.timeout(Timeout.HEAD)).isEqualTo(Duration.ofSeconds(30));

        ConfigRefused refused =
                catchThrowableOfType(
                        ConfigRefused.class,
                        () ->
                                load(
                                        LEAST
                                                + "limits: { connections: 0, handshake: 10m,"
                                                + " streamsPerConnection: many, hed: 1s }"));
        assertThat(refused.problems())
                .extracting(ConfigProblem::path)
                .containsExactlyInAnyOrder(
                        "limits.connections",
                        "limits.handshake",
                        "limits.streamsPerConnection",
                        "limits.hed");
        assertThat(refused).hasMessageContaining("100ms..1m");
    }

    @Test
    void tracingIsOffUntilThereIsACollector() throws Exception {
        assertThat(load(LEAST).config().operations().tracing()).isEmpty();
        assertThat(
                        load(LEAST + "tracing: { otlp: \"http://[::1]:4318/v1/traces\" }")
                                .config()
                                .operations()
                                .tracing())
                .hasValueSatisfying(tracing -> {
                    assertThat(tracing.sample()).isEqualTo(0.01);
                    assertThat(tracing.queue()).isEqualTo(2048);
                });
        for (String wrong :
                new String[] {
                    "collector:4317", "http://u:p@c/", "ftp://c/", "http://", "http:///x"
                }) {
            assertThatThrownBy(() -> load(LEAST + "tracing: { otlp: \"" + wrong + "\" }"))
                    .isInstanceOf(ConfigRefused.class)
                    .hasMessageContaining("tracing.otlp");
        }
    }

    @Test
    void theEnvironmentOverrides() throws Exception {
        Path file = directory.resolve("agent.yaml");
        Files.writeString(file, LEAST);

        AgentConfig config =
                AgentConfig.load(file, Map.of("COUNTERSIGN_CA_ADDRESS", "10.0.0.1:1")).config();

        assertThat(config.ca().host()).isEqualTo("10.0.0.1");
    }

    private AgentConfig.Loaded load(String yaml) throws IOException, ConfigRefused {
        Path file = directory.resolve("agent.yaml");
        Files.writeString(file, yaml);
        return AgentConfig.load(file, Map.of());
    }
}
