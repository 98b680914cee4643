package dev.countersign.policy.parse;

import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.policy.authentication.RequestAuthentication;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads and admits the policies of one file. */
public final class PolicyParser {

    private static final String KIND = "AuthorizationPolicy";
    private static final List<String> VERSIONS =
            List.of("countersign.dev/v1", "security.istio.io/v1", "security.istio.io/v1beta1");
    private static final Set<String> KNOWN_KINDS =
            Set.of("PeerAuthentication", "RequestAuthentication");

    private final Report report;
    private final Report admission;
    private final Notices notices;
    private final List<AuthorizationPolicy> policies = new ArrayList<>();
    private final List<PeerAuthentication> peers = new ArrayList<>();
    private final List<RequestAuthentication> requests = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();

    private PolicyParser(String fileName) {
        this.report = new Report(fileName);
        this.admission = new Report(fileName);
        this.notices = new Notices(fileName);
    }

    /**
     * Reads a file of one or more YAML or JSON documents and applies the rules of admission.
     *
     * @param fileName how messages call the file
     * @throws PolicyRefused with everything that is wrong; nothing of the file is to be used
     */
    public static ParsedPolicies parse(String fileName, byte[] content) throws PolicyRefused {
        PolicyParser parser = new PolicyParser(fileName);
        parser.read(content);
        List<Problem> problems = new ArrayList<>(parser.report.problems());
        problems.addAll(parser.admission.problems());
        if (!problems.isEmpty()) {
            throw new PolicyRefused(problems);
        }
        return parser.parsed();
    }

    /**
     * Reads a file as {@link #parse} does, without the rules of admission: for tables that say what
     * a policy would do that slipped past them.
     *
     * @throws PolicyRefused if the file cannot be read as policies
     */
    public static ParsedPolicies parseUnchecked(String fileName, byte[] content)
            throws PolicyRefused {
        PolicyParser parser = new PolicyParser(fileName);
        parser.read(content);
        if (!parser.report.isEmpty()) {
            throw new PolicyRefused(parser.report.problems());
        }
        return parser.parsed();
    }

    private ParsedPolicies parsed() {
        return new ParsedPolicies(policies, peers, requests, notices.warnings(), notices.hints());
    }

    private void read(byte[] content) {
        String text = TextGuard.decode(content, report);
        if (text != null) {
            DocumentReader.read(text, report).forEach(this::readDocument);
        }
    }

    private void readDocument(Node document) {
        Locations locations = new Locations();
        FieldReader fields = FieldReader.of(document, "", report, locations);
        String version = fields.string("apiVersion");
        String kind = fields.string("kind");
        if (!(document instanceof Node.Fields) || !isKnownKind(kind, locations)) {
            return;
        }
        ApiGroup group = groupOf(version, locations);
        if (group == null) {
            return;
        }
        AuthorizationPolicy policy =
                new PolicyReader(group, report, admission, locations).read(fields);
        fields.ignore("status");
        fields.finish();
        new Admission(policy, locations, admission, notices).check();
        FieldReader spec = fields.object("spec");
        if (spec != null && spec.has("selector") && policy.selector().isEmpty()) {
            notices.warn(
                    locations,
                    "spec.selector",
                    "SELECTOR_EMPTY",
                    "an empty selector selects every workload in scope");
        }
        if (!ids.add(group + " " + policy.id())) {
            report.add(
                    locations.lineOf("metadata.name"),
                    "metadata.name",
                    Problem.Code.DUPLICATE_POLICY,
                    policy.id(),
                    "each policy once in a file");
        }
        policies.add(policy);
    }

    private boolean isKnownKind(@Nullable String kind, Locations locations) {
        if (KIND.equals(kind)) {
            return true;
        }
        String written = Objects.requireNonNullElse(kind, "");
        boolean later = KNOWN_KINDS.contains(written);
        String hint =
                Suggestion.of(written, List.of(KIND))
                        .map(near -> "did you mean " + near + "?")
                        .orElse(KIND);
        report.add(
                locations.lineOf("kind"),
                "kind",
                later ? Problem.Code.KIND_NOT_SUPPORTED : Problem.Code.KIND_UNKNOWN,
                written.isEmpty() ? "nothing" : written,
                later ? KIND + "; this version does not read " + written + " yet" : hint);
        return false;
    }

    private @Nullable ApiGroup groupOf(@Nullable String version, Locations locations) {
        String written = Objects.requireNonNullElse(version, "");
        if (VERSIONS.contains(written)) {
            String group = written.substring(0, written.indexOf('/'));
            return group.equals(ApiGroup.ISTIO.group()) ? ApiGroup.ISTIO : ApiGroup.COUNTERSIGN;
        }
        report.add(
                locations.lineOf("apiVersion"),
                "apiVersion",
                Problem.Code.API_VERSION_UNKNOWN,
                written.isEmpty() ? "nothing" : written,
                "one of " + String.join(", ", VERSIONS));
        return null;
    }
}
