package dev.countersign.server.cli.policy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Decision;
import dev.countersign.policy.Explanation;
import dev.countersign.policy.Explanation.ClauseTrace;
import dev.countersign.policy.Explanation.PolicyTrace;
import dev.countersign.policy.Explanation.RuleTrace;
import dev.countersign.policy.ExplanationText;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Request;
import dev.countersign.policy.Workload;
import dev.countersign.policy.advice.Edit;
import dev.countersign.policy.advice.Flip;
import dev.countersign.policy.advice.Flips;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One decision with all that led to it, for people and for programs. */
final class ExplanationScreen {

    private static final int MOST_ASIDE = 20;

    private final PolicySet set;
    private final Workload workload;
    private final Explanation explanation;
    private final List<Flip> flips;
    private final Map<String, String> aside;

    ExplanationScreen(PolicySet set, Workload workload, Request request, InstantSource clock) {
        this.set = set;
        this.workload = workload;
        this.explanation = set.explain(workload, request);
        this.flips = Flips.of(set, workload, request, clock);
        this.aside = aside();
    }

    /** Everything. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        ExplanationText.renderEveryPolicy(explanation).lines().forEach(lines::add);
        if (!aside.isEmpty()) {
            lines.add(
                    "  not for this workload: "
                            + aside.size()
                            + (workload.labels().isEmpty()
                                    ? " (no label of it is known: --label KEY=VALUE says one)"
                                    : ""));
            aside.entrySet().stream()
                    .limit(MOST_ASIDE)
                    .forEach(one -> lines.add("    " + one.getKey() + "  " + one.getValue()));
        }
        flipLines().forEach(line -> lines.add("  " + line));
        return lines;
    }

    /** The decision and what would flip it, for a screen that shows an earlier decision. */
    List<String> summary() {
        Decision decision = explanation.decision();
        List<String> lines = new ArrayList<>();
        lines.add(
                "as the policies are now (revision "
                        + decision.revision()
                        + ") it is "
                        + (decision.allowed() ? "ALLOWED" : "DENIED")
                        + ": "
                        + decision.reason()
                        + (decision.policy().isEmpty() ? "" : " by " + decision.policy()));
        if (!decision.allowed()) {
            lines.addAll(flipLines());
        }
        return lines;
    }

    ObjectNode document() {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        Decision decision = explanation.decision();
        document.set("decision", decision(decision));
        document.put("revision", decision.revision());
        ObjectNode destination = document.putObject("workload");
        destination.put("namespace", workload.namespace());
        destination.put("serviceAccount", workload.serviceAccount());
        ObjectNode labels = destination.putObject("labels");
        workload.labels().forEach(labels::put);
        ArrayNode policies = document.putArray("policies");
        explanation.policies().forEach(one -> policy(policies.addObject(), one));
        ObjectNode others = document.putObject("notForThisWorkload");
        aside.forEach(others::put);
        ArrayNode changes = document.putArray("smallestChanges");
        for (Flip flip : flips) {
            ObjectNode change = changes.addObject();
            ArrayNode edits = change.putArray("edits");
            flip.edits().stream().map(Edit::describe).forEach(edits::add);
            change.set("after", decision(flip.after()));
        }
        return document;
    }

    private List<String> flipLines() {
        boolean allowed = explanation.decision().allowed();
        if (flips.isEmpty()) {
            return List.of(
                    "no change of policies that can be advised would "
                            + (allowed ? "deny" : "allow")
                            + " this"
                            + (explanation.request().sourcePrincipal() == null
                                    ? ": the caller has no identity"
                                    : ""));
        }
        List<String> lines = new ArrayList<>();
        lines.add("smallest change that would " + (allowed ? "deny" : "allow") + " it:");
        flips.forEach(flip -> lines.add("  " + flip.describe()));
        return lines;
    }

    /** Policies that do not apply, and why: those whose namespace is in scope. */
    private Map<String, String> aside() {
        Map<String, String> reasons = new LinkedHashMap<>();
        List<AuthorizationPolicy> applying = set.applicableTo(workload);
        for (AuthorizationPolicy policy : set.policies()) {
            boolean inScope =
                    policy.namespace().equals(workload.namespace())
                            || policy.namespace()
                                    .equals(set.mesh().rootNamespaceOf(policy.group()));
            if (inScope && !applying.contains(policy)) {
                reasons.put(policy.id(), why(policy));
            }
        }
        return reasons;
    }

    private String why(AuthorizationPolicy policy) {
        if (!policy.targetRefs().isEmpty()) {
            return "binds to targetRefs, which sidecars do not serve";
        }
        Map<String, String> missing = new LinkedHashMap<>(policy.selector());
        missing.entrySet().removeAll(workload.labels().entrySet());
        return "selects " + missing + ", which the workload does not carry";
    }

    private static ObjectNode decision(Decision decision) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("allowed", decision.allowed());
        node.put("reason", decision.reason().name());
        if (!decision.policy().isEmpty()) {
            node.put("action", String.valueOf(decision.action()));
            node.put("policy", decision.policy());
            node.put("rule", decision.ruleIndex());
            node.put("ruleId", decision.ruleId());
        }
        return node;
    }

    private static void policy(ObjectNode node, PolicyTrace policy) {
        node.put("policy", policy.id());
        node.put("action", policy.action().name());
        node.put("mode", policy.mode().name());
        node.put("ended", policy.ended());
        node.put("matchedRule", policy.matchedRule());
        ArrayNode rules = node.putArray("rules");
        for (RuleTrace rule : policy.rules()) {
            ObjectNode one = rules.addObject();
            one.put("rule", rule.index());
            one.put("matched", rule.matched());
            if (rule.unusable() != null) {
                one.put("neverMatches", rule.unusable());
            }
            ArrayNode from = one.putArray("from");
            rule.from().forEach(each -> clauses(from.addArray(), each.clauses()));
            ArrayNode to = one.putArray("to");
            rule.to().forEach(each -> clauses(to.addArray(), each.clauses()));
            clauses(one.putArray("when"), rule.when());
        }
    }

    private static void clauses(ArrayNode array, List<ClauseTrace> clauses) {
        for (ClauseTrace clause : clauses) {
            ObjectNode node = array.addObject();
            node.put("field", clause.field());
            node.put("negative", clause.negative());
            ArrayNode values = node.putArray("values");
            clause.expected().forEach(values::add);
            node.put("actual", clause.actual());
            node.put("matched", clause.matched());
        }
    }
}
