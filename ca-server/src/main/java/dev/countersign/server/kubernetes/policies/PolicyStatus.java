package dev.countersign.server.kubernetes.policies;

import dev.countersign.policy.parse.Notice;
import dev.countersign.policy.parse.ParsedPolicies;
import dev.countersign.server.authority.Leadership;
import dev.countersign.server.distribution.Enforcement;
import dev.countersign.server.distribution.PolicyFeed;
import dev.countersign.server.distribution.PolicyStanding;
import dev.countersign.server.distribution.Subscriber;
import dev.countersign.server.distribution.WrittenPolicies;
import dev.countersign.server.kubernetes.resources.Condition;
import dev.countersign.server.kubernetes.resources.ResourceType;
import dev.countersign.server.kubernetes.resources.ResourceWatch;
import dev.countersign.server.kubernetes.resources.StatusReport;
import dev.countersign.server.kubernetes.resources.StatusWriter;
import dev.countersign.server.kubernetes.schema.ResourceKind;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells each policy of ours whether it is accepted, and which of the agents that are connected to the
 * leading server enforce it. Istio's policies belong to Istio: nothing is written into them. The wiring
 * calls {@link #tick} about once a second.
 */
public final class PolicyStatus {
    private static final int SHOWN = 10;

    private final PolicySource source;
    private final WrittenPolicies policies;
    private final PolicyFeed feed;
    private final Supplier<List<Subscriber.View>> agents;
    private final Leadership leadership;
    private final StatusWriter writer;

    public PolicyStatus(
            PolicySource source,
            WrittenPolicies policies,
            PolicyFeed feed,
            Supplier<List<Subscriber.View>> agents,
            Leadership leadership,
            StatusWriter writer) {
        this.source = source;
        this.policies = policies;
        this.feed = feed;
        this.agents = agents;
        this.leadership = leadership;
        this.writer = writer;
    }

    /** Writes what is news, where this process leads. */
    public void tick() {
        if (!source.isComplete() || !leadership.lead()) {
            return;
        }
        Enforcement.Survey survey = new Enforcement.Survey(feed.state(), agents.get());
        Map<WrittenPolicies.Key, WrittenPolicies.Verdict> verdicts = policies.verdicts();
        for (ResourceWatch watch : source.watches()) {
            if (watch.type().group().equals(ResourceKind.GROUP)) {
                for (GenericKubernetesResource object : watch.all()) {
                    write(watch.type(), object, verdicts, survey);
                }
            }
        }
    }

    private void write(
            ResourceType type,
            GenericKubernetesResource object,
            Map<WrittenPolicies.Key, WrittenPolicies.Verdict> verdicts,
            Enforcement.Survey survey) {
        WrittenPolicies.@Nullable Verdict verdict = verdicts.get(PolicyDocument.key(type, object));
        if (verdict != null
                && verdict.generation() == PolicyDocument.generation(object.getMetadata())) {
            writer.write(
                    type,
                    object,
                    switch (verdict) {
                        case WrittenPolicies.Accepted yes ->
                                accepted(yes, enforcement(yes.parsed(), survey));
                        case WrittenPolicies.Refused no -> refused(no);
                    });
        }
    }

    private static Enforcement enforcement(ParsedPolicies parsed, Enforcement.Survey survey) {
        if (!parsed.policies().isEmpty()) {
            return survey.of(parsed.policies().getFirst());
        }
        return parsed.peerAuthentications().isEmpty()
                ? survey.of(parsed.requestAuthentications().getFirst())
                : survey.of(parsed.peerAuthentications().getFirst());
    }

    private static StatusReport accepted(WrittenPolicies.Accepted yes, Enforcement enforcement) {
        List<Condition> conditions = new ArrayList<>();
        conditions.add(
                yes.notices().isEmpty()
                        ? Condition.yes(Condition.ACCEPTED, "Accepted", "in force")
                        : Condition.yes(
                                Condition.ACCEPTED,
                                yes.notices().getFirst().code(),
                                "in force; " + notices(yes.notices())));
        conditions.add(enforced(enforcement));
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("enforced", text(enforcement));
        fields.put("agents", agents(enforcement));
        return new StatusReport(yes.generation(), conditions, fields);
    }

    private static StatusReport refused(WrittenPolicies.Refused no) {
        String instead =
                no.lastGood()
                        ? "; the last good version stays in force"
                        : "; nothing of it is in force";
        return new StatusReport(
                no.generation(),
                List.of(
                        Condition.no(Condition.ACCEPTED, no.code(), no.message() + instead),
                        Condition.no(Condition.ENFORCED, "NotAccepted", "not accepted")),
                Map.of("enforced", no.lastGood() ? "an earlier version" : "no"));
    }

    private static Condition enforced(Enforcement enforcement) {
        String text = text(enforcement);
        if (enforcement.selected() == 0) {
            return Condition.yes(
                    Condition.ENFORCED, "NoAgents", "no connected agent's workload is selected");
        }
        if (enforcement.missing().isEmpty()) {
            return Condition.yes(Condition.ENFORCED, "AllAgents", text);
        }
        String laggards =
                enforcement.missing().stream()
                        .limit(SHOWN)
                        .map(one -> name(one.agent()) + " (" + one.because() + ")")
                        .collect(Collectors.joining(", "));
        int more = enforcement.missing().size() - SHOWN;
        return Condition.no(
                Condition.ENFORCED,
                "AgentsLag",
                text + "; not yet: " + laggards + (more > 0 ? " and " + more + " more" : ""));
    }

    private static String text(Enforcement enforcement) {
        return enforcement.enforcing() + " of " + enforcement.selected() + " agents";
    }

    private static Map<String, Object> agents(Enforcement enforcement) {
        Map<String, Object> agents = new LinkedHashMap<>();
        agents.put("selected", enforcement.selected());
        agents.put("enforcing", enforcement.enforcing());
        if (!enforcement.missing().isEmpty()) {
            agents.put(
                    "lagging",
                    enforcement.missing().stream()
                            .limit(SHOWN)
                            .map(PolicyStatus::lagging)
                            .toList());
        }
        return agents;
    }

    private static Map<String, Object> lagging(PolicyStanding.Missing one) {
        return Map.of("name", name(one.agent()), "because", one.because());
    }

    private static String name(Subscriber.View agent) {
        return agent.record().account().namespace() + "/" + agent.record().podName();
    }

    private static String notices(List<Notice> notices) {
        return notices.stream()
                .limit(SHOWN)
                .map(one -> (one.path().isEmpty() ? "" : one.path() + ": ") + one.message())
                .collect(Collectors.joining("; "));
    }
}
