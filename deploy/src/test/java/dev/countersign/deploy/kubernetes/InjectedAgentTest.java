package dev.countersign.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.countersign.agent.AgentConfig;
import dev.countersign.identity.TrustDomain;
import dev.countersign.server.admission.injection.Injection;
import dev.countersign.server.admission.injection.InjectionSettings;
import dev.countersign.server.admission.injection.Injector;
import dev.countersign.server.admission.injection.Names;
import dev.countersign.server.admission.injection.NamespaceFacts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The configuration that injection writes is one that the agent starts with. */
final class InjectedAgentTest {
    @TempDir private Path folder;

    @Test
    void inRedirectMode() throws Exception {
        AgentConfig config =
                injected(
                                """
                                metadata:
                                  annotations:
                                    countersign.dev/ports: 8080=http,5432=tcp
                                    countersign.dev/egress-unlisted: allow
                                spec:
                                  restartPolicy: Never
                                  containers:
                                  - name: web
                                    ports: [{name: http, containerPort: 8080}]
                                    livenessProbe: {httpGet: {path: "/live?a=b", port: http, httpHeaders: [{name: X-A, value: "b: c"}]}}
                                    readinessProbe: {grpc: {port: 9090, service: orders}}
                                """,
                                false)
                        .config();

        assertThat(config.redirect()).isPresent();
        assertThat(config.redirect().orElseThrow().egress().unlisted()).isTrue();
        assertThat(config.operations().probes().orElseThrow().checks()).hasSize(2);
        assertThat(config.operations().control()).isPresent();
        assertThat(config.ops().getPort()).isEqualTo(15020);
        assertThat(config.drain()).isEqualTo(Duration.ofSeconds(25));
    }

    @Test
    void inExplicitMode() throws Exception {
        AgentConfig config =
                injected(
                                """
                                metadata:
                                  annotations:
                                    countersign.dev/mode: explicit
                                    countersign.dev/inbound: 15006:8080/http
                                    countersign.dev/outbound: 18080=orders.shop:15006 as shop/orders
                                spec: {containers: [{name: web}]}
                                """,
                                true)
                        .config();

        assertThat(config.redirect()).isEmpty();
        assertThat(config.inbound()).hasSize(1);
        assertThat(config.outbound())
                .singleElement()
                .satisfies(one ->
                        assertThat(one.expectedPeer())
                                .hasToString("spiffe://example.org/ns/shop/sa/orders"));
    }

    @Test
    void theEnvironmentSaysWhereTheApplicationIs() throws Exception {
        AgentConfig.Loaded loaded =
                AgentConfig.load(
                        file(
                                "spec: {containers: [{name: w, livenessProbe: {tcpSocket: {port:"
                                        + " 1}}}]}",
                                true),
                        Map.of("COUNTERSIGN_PROBES_HOST", "10.1.2.3"));

        assertThat(loaded.config().operations().probes().orElseThrow().host())
                .isEqualTo("10.1.2.3");
    }

    private AgentConfig.Loaded injected(String pod, boolean nativeSidecars) throws Exception {
        return AgentConfig.load(file(pod, nativeSidecars), Map.of());
    }

    private Path file(String pod, boolean nativeSidecars) throws Exception {
        Injection injection =
                new Injector(settings(nativeSidecars))
                        .inject(
                                (ObjectNode) new YAMLMapper().readTree(pod),
                                new NamespaceFacts("shop", Optional.of(true)));
        String yaml =
                ((Injection.Injected) injection)
                        .pod()
                        .path("metadata")
                        .path("annotations")
                        .path(Names.AGENT_CONFIG)
                        .asText();
        return Files.writeString(folder.resolve("agent.yaml"), yaml);
    }

    private static InjectionSettings settings(boolean nativeSidecars) {
        return new InjectionSettings(
                "1.2.3",
                "agent:1",
                "IfNotPresent",
                new TrustDomain("example.org"),
                "ca.mesh.svc:8443",
                "countersign",
                Duration.ofHours(1),
                "countersign-trust",
                "bootstrap.json",
                InjectionSettings.Mode.REDIRECT,
                nativeSidecars,
                false,
                true,
                1337,
                "info",
                InjectionSettings.Resources.STANDARD);
    }
}
