package dev.countersign.agent;

import dev.countersign.agent.admin.JsonText;
import dev.countersign.agent.authorization.DecisionLog;
import dev.countersign.agent.ca.ClockOffset;
import dev.countersign.agent.subscription.SubscriptionStatus;
import dev.countersign.agent.svid.SvidStatus;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What {@code /status} answers: JSON with stable names, facts that no caller may not know. Rendered
 * by hand: an agent loads no JSON library to say how it is.
 */
record StatusPage(
        String version,
        String instance,
        Supplier<SvidStatus> svid,
        Supplier<SubscriptionStatus> subscription,
        DecisionLog decisions,
        ClockOffset offset,
        Supplier<Integer> connections,
        Supplier<Map<String, SocketAddress>> listeners) {
    String render() {
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("version", version);
        page.put("instance", instance);
        page.put("certificate", certificate(svid.get()));
        page.put("subscription", subscription(subscription.get()));
        DecisionLog.Counts counts = decisions.counts();
        page.put(
                "decisions",
                JsonText.ordered(
                        "allowed", counts.allowed(),
                        "denied", counts.denied(),
                        "edges", counts.edges()));
        offset.current().map(Duration::toMillis).ifPresent(ms -> page.put("clockOffsetMillis", ms));
        page.put("openConnections", connections.get());
        page.put("listeners", new LinkedHashMap<>(listeners.get()));
        return JsonText.page(page);
    }

    private static Map<String, Object> certificate(SvidStatus status) {
        Map<String, Object> page = new LinkedHashMap<>();
        status.held()
                .ifPresent(held -> {
                    page.put("id", held.id());
                    page.put("serial", held.serial());
                    page.put("notAfter", held.notAfter());
                    page.put("renewAt", held.renewAt());
                });
        status.waitingFor().ifPresent(w -> page.put("waitingFor", w));
        page.put("failures", status.failures());
        page.put("rotations", status.rotations());
        return page;
    }

    private static Map<String, Object> subscription(SubscriptionStatus status) {
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("connected", status.connected());
        page.put("revision", status.revision());
        page.put("bundleEpoch", status.bundleEpoch());
        status.lastConfirmed().ifPresent(at -> page.put("lastConfirmed", at));
        status.problem().ifPresent(p -> page.put("problem", p));
        page.put("streams", status.streams());
        return page;
    }
}
