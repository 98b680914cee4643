package dev.countersign.server.cli.inject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.admission.injection.InjectionRefused;
import dev.countersign.server.admission.injection.InjectionSettings;
import dev.countersign.server.admission.injection.Injector;
import dev.countersign.server.admission.injection.NamespaceFacts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ManifestsTest {
    private static final String SERVICE =
            """
            ---
            apiVersion: v1
            kind: Service
            metadata:
              name: web
            spec:
              ports:
              - port: 80
            """;

    private final Manifests manifests =
            new Manifests(
                    new Injector(
                            new InjectionSettings(
                                    "1.2.3",
                                    "agent:1",
                                    "IfNotPresent",
                                    new TrustDomain("example.org"),
                                    "ca:8443",
                                    "countersign",
                                    Duration.ofHours(1),
                                    "countersign-trust",
                                    "bootstrap.json",
                                    InjectionSettings.Mode.REDIRECT,
                                    true,
                                    false,
                                    true,
                                    1337,
                                    "info",
                                    InjectionSettings.Resources.STANDARD)),
                    new NamespaceFacts("", Optional.of(true)));

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "Pod | {kind: Pod, spec: {containers: [{name: w}]}}",
                "Deployment | {kind: Deployment, spec: {template: {spec: {containers: [{name:"
                        + " w}]}}}}",
                "StatefulSet | {kind: StatefulSet, spec: {template: {spec: {containers: [{name:"
                        + " w}]}}}}",
                "DaemonSet | {kind: DaemonSet, spec: {template: {spec: {containers: [{name:"
                        + " w}]}}}}",
                "Job | {kind: Job, spec: {template: {spec: {containers: [{name: w}]}}}}",
                "CronJob | {kind: CronJob, spec: {jobTemplate: {spec: {template: {spec:"
                        + " {containers: [{name: w}]}}}}}}",
            })
    void everyKindOfWorkloadHasItsPodInjected(String kind, String yaml) throws Exception {
        assertThat(inject(yaml)).contains("name: countersign-agent").contains("kind: " + kind);
        assertThat(manifests.notes()).containsExactly(kind + " (no name): injected");
    }

    @Test
    void aStreamKeepsItsOrderAndWhatIsNoWorkload() throws Exception {
        String stream =
                SERVICE
                        + "---\n"
                        + "kind: Pod\n"
                        + "metadata: {name: web}\n"
                        + "spec: {containers: [{name: w}]}\n";

        String injected = inject(stream);

        assertThat(injected).startsWith(SERVICE).contains("countersign.dev/injected: 1.2.3");
    }

    @Test
    void injectingTheResultAgainChangesNothing() throws Exception {
        String once = inject(SERVICE + "---\nkind: Pod\nspec: {containers: [{name: w}]}\n");

        assertThat(inject(once)).isEqualTo(once);
    }

    @Test
    void aListIsInjectedItemByItem() throws Exception {
        assertThat(inject("{kind: List, items: [{kind: Pod, spec: {containers: [{name: w}]}}]}"))
                .contains("name: countersign-agent");
    }

    @Test
    void nothingIsPrintedWhereOnePodCannotHaveAnAgent() {
        assertThatThrownBy(() ->
                        inject(
                                """
                                kind: Pod
                                metadata: {name: node}
                                spec: {hostNetwork: true, containers: [{name: w}]}
                                """))
                .isInstanceOf(InjectionRefused.class)
                .hasMessageStartingWith("Pod node: spec.hostNetwork: true (expected: false");
    }

    @Test
    void aliasesAreRefusedForTheyWouldBeReadAsText() {
        assertThatThrownBy(() -> inject("a: &x {b: 1}\nc: *x\n"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("alias");
    }

    private String inject(String yaml) throws IOException, InjectionRefused {
        return manifests.inject(yaml.getBytes(StandardCharsets.UTF_8));
    }
}
