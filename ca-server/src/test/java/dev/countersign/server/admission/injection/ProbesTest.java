package dev.countersign.server.admission.injection;

import static dev.countersign.server.admission.injection.Pods.WANTED;
import static dev.countersign.server.admission.injection.Pods.agentFile;
import static dev.countersign.server.admission.injection.Pods.annotated;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

final class ProbesTest {
    private static final String PROBED =
            """
            metadata: {name: web}
            spec:
              containers:
              - name: web
                ports: [{name: http, containerPort: 8080}]
                livenessProbe:
                  httpGet: {path: /live, port: http, httpHeaders: [{name: Host, value: web.example}]}
                  periodSeconds: 7
                readinessProbe: {tcpSocket: {port: 5432}, timeoutSeconds: 3}
                startupProbe: {grpc: {port: 9090, service: orders}}
              - name: helper
                livenessProbe: {exec: {command: ["true"]}}
                readinessProbe: {httpGet: {port: 8443, scheme: HTTPS}}
                startupProbe: {httpGet: {port: 80, host: elsewhere.example}}
            """;

    private final Injector injector = new Injector(Pods.settings());

    @Test
    void theKubeletAsksTheAgentAndTheAgentAsksTheApplication() throws Exception {
        ObjectNode pod = inject(annotated(PROBED));

        assertThat(pod.at("/spec/containers/0/livenessProbe").toString())
                .isEqualTo(
                        "{\"periodSeconds\":7,\"httpGet\":{\"path\":\"/app-health/web/liveness\","
                                + "\"port\":15021}}");
        assertThat(agentFile(pod).at("/probes/checks").toString())
                .isEqualTo(
                        "[{\"type\":\"http\",\"port\":8080,\"target\":\"/live\","
                                + "\"headers\":[\"Host: web.example\"],"
                                + "\"path\":\"/app-health/web/liveness\",\"timeout\":\"1s\"},"
                                + "{\"type\":\"tcp\",\"port\":5432,"
                                + "\"path\":\"/app-health/web/readiness\",\"timeout\":\"3s\"},"
                                + "{\"type\":\"grpc\",\"port\":9090,\"service\":\"orders\","
                                + "\"path\":\"/app-health/web/startup\",\"timeout\":\"1s\"},"
                                + "{\"type\":\"http\",\"port\":8443,\"target\":\"/\","
                                + "\"scheme\":\"https\","
                                + "\"path\":\"/app-health/helper/readiness\",\"timeout\":\"1s\"}]");
    }

    @Test
    void commandsAndOtherHostsAreLeftToTheKubelet() throws Exception {
        ObjectNode before = annotated(PROBED);

        ObjectNode pod = inject(before);

        for (String field : new String[] {"livenessProbe", "startupProbe"}) {
            assertThat(pod.at("/spec/containers/1/" + field))
                    .isEqualTo(before.at("/spec/containers/1/" + field));
        }
    }

    @Test
    void inExplicitModeOnlyPortsBehindAListenerAreTheAgents() throws Exception {
        ObjectNode pod =
                inject(annotated(PROBED, Names.MODE, "explicit", Names.INBOUND, "15006:8080/http"));

        assertThat(agentFile(pod).at("/probes/checks")).hasSize(1);
        assertThat(pod.at("/spec/containers/0/readinessProbe/tcpSocket/port").asInt())
                .isEqualTo(5432);
    }

    @Test
    void whereRewritingIsOffTheSenderIsToldOfWhatWillFail() throws Exception {
        Injection injection =
                injector.inject(annotated(PROBED, Names.REWRITE_PROBES, "false"), WANTED);

        Injection.Injected injected = (Injection.Injected) injection;
        assertThat(injected.pod().at("/spec/containers/0/livenessProbe/httpGet/path").asText())
                .isEqualTo("/live");
        assertThat(injected.warnings())
                .contains(
                        "container web, livenessProbe: is asked without a certificate: rewriting is"
                                + " off");
    }

    @Test
    void aPortWithoutANumberIsLeftAsItIs() throws Exception {
        Injection injection =
                injector.inject(
                        Pods.pod(
                                "spec: {containers: [{name: web, livenessProbe: {httpGet: {port:"
                                        + " metrics}}}]}"),
                        WANTED);

        assertThat(((Injection.Injected) injection).warnings())
                .containsExactly(
                        "container web, livenessProbe: port metrics is none of the container's:"
                                + " left as it is");
    }

    private ObjectNode inject(ObjectNode pod) throws InjectionRefused {
        return ((Injection.Injected) injector.inject(pod, WANTED)).pod();
    }
}
