package dev.countersign.server.admission.policies;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.policy.parse.Notice;
import dev.countersign.policy.parse.ParsedPolicies;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import dev.countersign.policy.parse.Problem;
import dev.countersign.server.admission.review.ReviewAnswer;
import dev.countersign.server.admission.review.ReviewRequest;
import dev.countersign.server.admission.review.ReviewRequest.Operation;
import dev.countersign.server.admission.review.Reviewer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Validates policies as {@code countersign policy validate} does, and guards traffic that flows. */
public final class PolicyReviewer implements Reviewer {
    private static final Set<String> GROUPS = Set.of("countersign.dev", "security.istio.io");
    private static final Set<String> KINDS =
            Set.of("AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    /** Of one refusal; a policy may have hundreds. */
    private static final int MAX_PROBLEMS = 10;

    private final Optional<TrafficGuard> guard;

    /**
     * @param guard empty where what flows is not looked at
     */
    public PolicyReviewer(Optional<TrafficGuard> guard) {
        this.guard = guard;
    }

    @Override
    public ReviewAnswer review(ReviewRequest request) {
        boolean ours =
                GROUPS.contains(request.kind().group()) && KINDS.contains(request.kind().kind());
        if (!ours || request.operation() == Operation.CONNECT) {
            return ReviewAnswer.allowed();
        }
        try {
            Optional<ParsedPolicies> next =
                    request.object().isEmpty()
                            ? Optional.empty()
                            : Optional.of(parse(request.object().get()));
            List<String> warnings = new ArrayList<>();
            next.ifPresent(parsed -> warnings.addAll(notices(parsed)));
            return guarded(request, next, warnings);
        } catch (PolicyRefused refused) {
            return new ReviewAnswer.Refused(
                    refused.problems().getFirst().code().toString(),
                    message(refused.problems()),
                    List.of());
        }
    }

    private ReviewAnswer guarded(
            ReviewRequest request, Optional<ParsedPolicies> next, List<String> warnings) {
        if (guard.isEmpty()) {
            return new ReviewAnswer.Allowed(warnings);
        }
        Optional<String> cut =
                guard.get()
                        .cut(
                                new PolicyChange(
                                        request.kind(), request.namespace(), request.name(), next));
        if (cut.isEmpty()) {
            return new ReviewAnswer.Allowed(warnings);
        }
        // At a deletion there is only the old object to say it on.
        ObjectNode speaks = request.object().or(request::oldObject).orElseThrow();
        if (TrafficGuard.mayCut(speaks)) {
            warnings.add(cut.get());
            return new ReviewAnswer.Allowed(warnings);
        }
        return new ReviewAnswer.Refused(
                "CUTS_TRAFFIC",
                cut.get()
                        + " (expected: nothing that flows is cut, or the annotation "
                        + TrafficGuard.MAY_CUT
                        + ": \"true\")",
                warnings);
    }

    /**
     * As its author wrote it: what the API server and kubectl add may be larger and deeper than any
     * policy.
     */
    private static ParsedPolicies parse(ObjectNode object) throws PolicyRefused {
        ObjectNode written = object.deepCopy();
        written.remove("status");
        if (written.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove("managedFields");
            if (metadata.path("annotations") instanceof ObjectNode annotations) {
                annotations.remove(LAST_APPLIED);
            }
        }
        try {
            return PolicyParser.parse("", JSON.writeValueAsBytes(written));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible); // a tree prints
        }
    }

    private static List<String> notices(ParsedPolicies parsed) {
        return Stream.concat(parsed.warnings().stream(), parsed.hints().stream())
                .map(PolicyReviewer::text)
                .toList();
    }

    private static String text(Notice notice) {
        return placeless(notice.path(), notice.value().isEmpty() ? "" : notice.value() + ": ")
                + notice.message()
                + " ["
                + notice.code()
                + "]";
    }

    /** Lines of JSON that nobody wrote tell nothing: the path does. */
    private static String message(List<Problem> problems) {
        List<String> texts =
                problems.stream()
                        .limit(MAX_PROBLEMS)
                        .map(one ->
                                placeless(
                                                one.path(),
                                                one.value().isEmpty() ? "" : one.value() + " ")
                                        + "(expected: "
                                        + one.expected()
                                        + ") ["
                                        + one.code()
                                        + "]")
                        .toList();
        String more =
                problems.size() > MAX_PROBLEMS
                        ? "; and " + (problems.size() - MAX_PROBLEMS) + " more problems"
                        : "";
        return String.join("; ", texts) + more;
    }

    private static String placeless(String path, String value) {
        return (path.isEmpty() ? "" : path + ": ") + value;
    }
}
