package dev.countersign.server.admission.injection;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;

/** Any JSON in a pod's place: refused with a reason, or injected once and never again. */
final class InjectorFuzzTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private final Injector injector = new Injector(Pods.settings());

    @FuzzTest
    void anyPodIsRefusedOrInjectedOnce(byte[] bytes) {
        JsonNode tree;
        try {
            tree = JSON.readTree(new String(bytes, StandardCharsets.UTF_8));
        } catch (JsonProcessingException malformed) {
            return;
        }
        if (!(tree instanceof ObjectNode pod)) {
            return;
        }
        try {
            if (injector.inject(pod, Pods.WANTED) instanceof Injection.Injected injected) {
                assertThat(injector.inject(injected.pod(), Pods.WANTED))
                        .isInstanceOf(Injection.Unchanged.class);
            }
        } catch (InjectionRefused refused) {
            assertThat(refused).hasMessageContaining("(expected: ");
        }
    }
}
