package dev.countersign.server.admission.injection;

import static dev.countersign.server.admission.injection.Pods.PLAIN;
import static dev.countersign.server.admission.injection.Pods.SILENT;
import static dev.countersign.server.admission.injection.Pods.UNWANTED;
import static dev.countersign.server.admission.injection.Pods.WANTED;
import static dev.countersign.server.admission.injection.Pods.agentFile;
import static dev.countersign.server.admission.injection.Pods.annotated;
import static dev.countersign.server.admission.injection.Pods.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.server.admission.injection.InjectionDecision.Why;
import dev.countersign.server.admission.injection.InjectionRefused.Reason;
import io.fabric8.zjsonpatch.JsonPatch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class InjectorTest {
    private final Injector injector = new Injector(Pods.settings());
    private final Injector ordinary = new Injector(Pods.settings().withNativeSidecars(false));

    @Test
    void aNativeSidecarStartsAfterTheRulesAndBeforeEverythingElse() throws Exception {
        ObjectNode pod =
                inject(
                        pod(
                                """
                                spec:
                                  initContainers: [{name: migrate, image: "m:1"}]
                                  containers: [{name: web, image: "web:1"}]
                                """));

        assertThat(names(pod, "initContainers"))
                .containsExactly("countersign-redirect", "countersign-agent", "migrate");
        assertThat(names(pod, "containers")).containsExactly("web");
        assertThat(pod.at("/spec/initContainers/1/restartPolicy").asText()).isEqualTo("Always");
        assertThat(pod.at("/spec/initContainers/0/restartPolicy").isMissingNode()).isTrue();
    }

    @Test
    void anOrdinarySidecarsRulesComeAfterThePodsOwnInitContainers() throws Exception {
        ObjectNode pod =
                injected(
                                ordinary.inject(
                                        pod(
                                                """
                                                spec:
                                                  initContainers: [{name: migrate, image: "m:1"}]
                                                  containers: [{name: web, image: "web:1"}]
                                                """),
                                        WANTED))
                        .pod();

        assertThat(names(pod, "initContainers")).containsExactly("migrate", "countersign-redirect");
        assertThat(names(pod, "containers")).containsExactly("web", "countersign-agent");
        assertThat(pod.at("/spec/containers/1/restartPolicy").isMissingNode()).isTrue();
    }

    @ParameterizedTest(name = "annotation {0}, label {1}, namespace {2}, default {3}: {4}")
    @CsvSource({
        "true,  false, false, false, INJECTED",
        "false, true,  true,  true,  POD_OPTED_OUT",
        "-,     true,  false, false, INJECTED",
        "-,     false, true,  true,  POD_OPTED_OUT",
        "-,     -,     true,  false, INJECTED",
        "-,     -,     false, true,  NAMESPACE_OPTED_OUT",
        "-,     -,     -,     true,  INJECTED",
        "-,     -,     -,     false, NOBODY_ASKED",
    })
    void theNearestWordCounts(
            String annotation, String label, String namespace, boolean byDefault, String outcome)
            throws Exception {
        ObjectNode pod = pod(PLAIN);
        if (!annotation.equals("-")) {
            pod.withObject("/metadata/annotations").put(Names.INJECT, annotation);
        }
        if (!label.equals("-")) {
            pod.withObject("/metadata/labels").put(Names.INJECT, label);
        }
        NamespaceFacts facts =
                switch (namespace) {
                    case "true" -> WANTED;
                    case "false" -> UNWANTED;
                    default -> SILENT;
                };

        Injection injection = new Injector(byDefault(byDefault)).inject(pod, facts);

        assertThat(injection instanceof Injection.Unchanged same ? same.why().name() : "INJECTED")
                .isEqualTo(outcome);
    }

    @Test
    void injectingAgainChangesNothing() throws Exception {
        ObjectNode once = inject(pod(PLAIN));

        Injection again = injector.inject(once, WANTED);

        assertThat(again).isEqualTo(new Injection.Unchanged(Why.INJECTED_ALREADY, List.of()));
    }

    @Test
    void anotherVersionsPodStaysAndTheSenderIsTold() throws Exception {
        ObjectNode once = inject(pod(PLAIN));
        once.withObject("/metadata/annotations").put(Names.INJECTED, "1.0.0");

        Injection again = injector.inject(once, WANTED);

        assertThat(((Injection.Unchanged) again).warnings())
                .singleElement()
                .asString()
                .contains("1.0.0", "1.2.3");
    }

    @Test
    void anAnnotationAloneMakesNoSidecar() throws Exception {
        ObjectNode claims = annotated(PLAIN, Names.INJECTED, "1.2.3");

        ObjectNode pod = inject(claims);

        assertThat(names(pod, "initContainers")).contains("countersign-agent");
    }

    @Test
    void thePatchIsMinimalAndGivesThePodThatIsPromised() throws Exception {
        ObjectNode original = annotated(PLAIN, "team", "shop");

        Injection.Injected injected = injected(injector.inject(original, WANTED));

        assertThat(JsonPatch.apply(injected.patch(), original)).isEqualTo(injected.pod());
        assertThat(paths(injected.patch()))
                .containsExactly(
                        "/spec/initContainers",
                        "/spec/initContainers/1",
                        "/spec/volumes",
                        "/spec/volumes/-",
                        "/spec/volumes/-",
                        "/spec/volumes/-",
                        "/spec/volumes/-",
                        "/metadata/annotations/countersign.dev~1agent-config",
                        "/metadata/annotations/countersign.dev~1injected",
                        "/metadata/annotations/countersign.dev~1status");
    }

    @Test
    void theSamePodGivesTheSameBytes() throws Exception {
        String first = injected(injector.inject(pod(PLAIN), WANTED)).patch().toString();
        String second =
                injected(new Injector(Pods.settings()).inject(pod(PLAIN), WANTED))
                        .patch()
                        .toString();

        assertThat(second).isEqualTo(first);
    }

    @Test
    void whatIsNotKnownHereStaysAsItIs() throws Exception {
        ObjectNode pod =
                inject(
                        pod(
                                """
                                metadata: {name: web}
                                spec:
                                  fieldOfTomorrow: {deep: [1, 2.50]}
                                  containers: [{name: web, image: "web:1", also: new}]
                                """));

        assertThat(pod.at("/spec/fieldOfTomorrow/deep/1").asText()).isEqualTo("2.5");
        assertThat(pod.at("/spec/containers/0/also").asText()).isEqualTo("new");
    }

    @Test
    void onlyTheInitContainerHasACapability() throws Exception {
        ObjectNode pod = inject(pod(PLAIN));

        assertThat(pod.at("/spec/initContainers/0/securityContext/capabilities").toString())
                .isEqualTo("{\"drop\":[\"ALL\"],\"add\":[\"NET_ADMIN\"]}");
        JsonNode agent = pod.at("/spec/initContainers/1/securityContext");
        assertThat(agent.at("/capabilities").toString()).isEqualTo("{\"drop\":[\"ALL\"]}");
        assertThat(agent.at("/runAsNonRoot").asBoolean()).isTrue();
        assertThat(agent.at("/allowPrivilegeEscalation").asBoolean(true)).isFalse();
        assertThat(agent.at("/readOnlyRootFilesystem").asBoolean()).isTrue();
        assertThat(agent.at("/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
    }

    @Test
    void explicitModeNeedsNoPrivilegeAndHasItsListenersFromThePod() throws Exception {
        ObjectNode pod =
                inject(
                        annotated(
                                PLAIN,
                                Names.MODE,
                                "explicit",
                                Names.INBOUND,
                                "15006:8080/http, 15007:5432",
                                Names.OUTBOUND,
                                "18080=orders.shop:15006/http as shop/orders"));

        assertThat(names(pod, "initContainers")).containsExactly("countersign-agent");
        assertThat(agentFile(pod).path("listeners").toString())
                .isEqualTo(
                        "{\"inbound\":[{\"listen\":\"0.0.0.0:15006\",\"target\":\"127.0.0.1:8080\","
                                + "\"protocol\":\"http\"},{\"listen\":\"0.0.0.0:15007\","
                                + "\"target\":\"127.0.0.1:5432\",\"protocol\":\"auto\"}],"
                                + "\"outbound\":[{\"listen\":\"127.0.0.1:18080\","
                                + "\"target\":\"orders.shop:15006\",\"protocol\":\"http\","
                                + "\"peer\":\"spiffe://example.org/ns/shop/sa/orders\"}]}");
        assertThat(agentFile(pod).has("mode")).isFalse();
    }

    @Test
    void redirectModeTellsAgentAndRulesOfPortsAndExceptions() throws Exception {
        ObjectNode pod =
                inject(
                        annotated(
                                PLAIN,
                                Names.PORTS,
                                "8080=http,5432=tcp",
                                Names.UNLISTED,
                                "allow",
                                Names.EXCLUDE_INBOUND,
                                "9000-9010",
                                Names.EXCLUDE_NETWORKS,
                                "10.1.0.0/16,fd00::/8"));

        assertThat(agentFile(pod).path("redirect").toString())
                .isEqualTo(
                        "{\"ports\":[{\"port\":5432,\"protocol\":\"tcp\"},"
                                + "{\"port\":8080,\"protocol\":\"http\"}],"
                                + "\"egress\":{\"unlisted\":\"allow\"}}");
        assertThat(pod.at("/spec/initContainers/0/args").toString())
                .isEqualTo(
                        "[\"redirect\",\"install\",\"--agent-uid\",\"1337\","
                                + "\"--exclude-inbound-ports\",\"15021,9000-9010\","
                                + "\"--exclude-networks\",\"10.1.0.0/16,fd00::/8\"]");
    }

    @Test
    void everyWrongAnnotationIsNamedAtOnce() {
        InjectionRefused refused =
                refused(
                        annotated(
                                PLAIN,
                                Names.MODE,
                                "magic",
                                Names.PORTS,
                                "8080=smtp",
                                Names.MEMORY_LIMIT,
                                "lots",
                                Names.EXCLUDE_INBOUND,
                                "70000",
                                Names.EXCLUDE_NETWORKS,
                                "0.0.0.0/0"));

        assertThat(refused.reason()).isEqualTo(Reason.ANNOTATION_WRONG);
        assertThat(refused)
                .hasMessageContaining(
                        "countersign.dev/mode: magic (expected: redirect or explicit)")
                .hasMessageContaining("countersign.dev/ports: 8080=smtp (expected: PORT=PROTOCOL")
                .hasMessageContaining("countersign.dev/memory-limit: lots (expected: a quantity")
                .hasMessageContaining("exclude-inbound-ports: 70000 (expected: a port")
                .hasMessageContaining("exclude-networks: 0.0.0.0/0");
    }

    @Test
    void anOptInThatIsNeitherTrueNorFalseIsRefused() {
        assertThat(refused(annotated(PLAIN, Names.INJECT, "yes")))
                .hasMessage(
                        "annotation countersign.dev/inject: yes (expected: \"true\" or \"false\")");
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{hostNetwork: true, containers: [{name: web}]} | HOST_NETWORK",
                "{os: {name: windows}, containers: [{name: web}]} | NOT_LINUX",
                "{containers: [{name: web}, {name: istio-proxy}]} | ANOTHER_INJECTOR",
                "{containers: [{name: countersign-agent}]} | NAME_TAKEN",
                "{volumes: [{name: countersign-token}], containers: [{name: web}]} | NAME_TAKEN",
                "{containers: [{name: web, ports: [{containerPort: 15006}]}]} | PORT_TAKEN",
                "{securityContext: {runAsUser: 1337}, containers: [{name: web}]} | AGENT_UID_TAKEN",
                "{containers: []} | MALFORMED",
            })
    void whatCannotBeIsRefusedAndNotSkipped(String spec, Reason reason) {
        InjectionRefused refused = refused(pod("spec: " + spec));

        assertThat(refused.reason()).isEqualTo(reason);
        assertThat(refused).hasMessageContaining("(expected: ");
    }

    @Test
    void whoOptsOutMayHaveTheHostsNetwork() throws Exception {
        Injection injection =
                injector.inject(
                        pod(
                                """
                                metadata: {labels: {countersign.dev/inject: "false"}}
                                spec: {hostNetwork: true, containers: [{name: web}]}
                                """),
                        WANTED);

        assertThat(injection).isEqualTo(new Injection.Unchanged(Why.POD_OPTED_OUT, List.of()));
    }

    @Test
    void aPodThatEndsWaitsForNoOrdinarySidecar() throws Exception {
        String job = "spec: {restartPolicy: Never, containers: [{name: work, image: \"w:1\"}]}";

        ObjectNode pod = injected(ordinary.inject(pod(job), WANTED)).pod();

        assertThat(pod.at("/spec/shareProcessNamespace").asBoolean()).isTrue();
        assertThat(agentFile(pod).at("/lifecycle/exitWith").asText()).isEqualTo("others");
        ObjectNode itself = inject(pod(job));
        assertThat(itself.at("/spec/shareProcessNamespace").isMissingNode()).isTrue();
        assertThat(agentFile(itself).has("lifecycle")).isFalse();
    }

    @Test
    void theAgentEndsWithinThePodsGracePeriod() throws Exception {
        assertThat(agentFile(inject(pod(PLAIN))).at("/proxy/drain").asText()).isEqualTo("25s");
        assertThat(
                        agentFile(
                                        inject(
                                                pod(
                                                        "spec: {terminationGracePeriodSeconds: 90,"
                                                                + " containers: [{name: web}]}")))
                                .at("/proxy/drain")
                                .asText())
                .isEqualTo("85s");
    }

    @Test
    void theTokenIsForUsAloneAndNoContainerOfThePodSeesIt() throws Exception {
        ObjectNode pod = inject(pod(PLAIN));

        assertThat(pod.at("/spec/volumes/2/projected/sources/0/serviceAccountToken").toString())
                .isEqualTo(
                        "{\"audience\":\"countersign\",\"expirationSeconds\":3600,"
                                + "\"path\":\"token\"}");
        assertThat(pod.at("/spec/volumes/3/emptyDir/medium").asText()).isEqualTo("Memory");
        assertThat(pod.at("/spec/containers/0").has("volumeMounts")).isFalse();
    }

    private InjectionSettings byDefault(boolean byDefault) {
        InjectionSettings s = Pods.settings();
        return new InjectionSettings(
                s.version(),
                s.image(),
                s.pullPolicy(),
                s.trustDomain(),
                s.caAddress(),
                s.audience(),
                s.tokenLife(),
                s.trustConfigMap(),
                s.trustKey(),
                s.mode(),
                s.nativeSidecars(),
                byDefault,
                s.rewriteProbes(),
                s.agentUid(),
                s.logLevel(),
                s.resources());
    }

    private ObjectNode inject(ObjectNode pod) throws InjectionRefused {
        return injected(injector.inject(pod, WANTED)).pod();
    }

    private InjectionRefused refused(ObjectNode pod) {
        return catchThrowableOfType(InjectionRefused.class, () -> injector.inject(pod, WANTED));
    }

    private static Injection.Injected injected(Injection injection) {
        return (Injection.Injected) injection;
    }

    private static List<String> names(ObjectNode pod, String list) {
        List<String> names = new ArrayList<>();
        pod.path("spec").path(list).forEach(one -> names.add(one.path("name").asText()));
        return names;
    }

    private static List<String> paths(ArrayNode patch) {
        List<String> paths = new ArrayList<>();
        patch.forEach(one -> paths.add(one.path("path").asText()));
        return paths;
    }
}
