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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads and admits the policies of one file. */
public final class PolicyParser {

    private static final List<String> VERSIONS =
            List.of("countersign.dev/v1", "security.istio.io/v1", "security.istio.io/v1beta1");

    private final Report report;
    private final Report admission;
    private final Notices notices;
    private final List<AuthorizationPolicy> policies = new ArrayList<>();
    private final List<PeerAuthentication> peers = new ArrayList<>();
    private final List<RequestAuthentication> requests = new ArrayList<>();
    private final List<AuthorizationPolicy> mayOpen = new ArrayList<>();
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
        return new ParsedPolicies(
                policies, peers, requests, mayOpen, notices.warnings(), notices.hints());
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
        String written = fields.string("kind");
        if (!(document instanceof Node.Fields)) {
            return;
        }
        Kind kind = kindOf(written, locations);
        ApiGroup group = kind == null ? null : groupOf(version, locations);
        if (kind == null || group == null) {
            return;
        }
        switch (kind) {
            case AUTHORIZATION -> authorization(fields, group, locations);
            case PEERS -> peers(fields, group, locations);
            case REQUESTS -> requests(fields, group, locations);
        }
        fields.ignore("status");
        fields.finish();
    }

    private void authorization(FieldReader fields, ApiGroup group, Locations locations) {
        PolicyReader reader = new PolicyReader(group, report, admission, locations);
        AuthorizationPolicy policy = reader.read(fields);
        if (reader.mayOpen()) {
            mayOpen.add(policy);
        }
        new Admission(policy, locations, admission, notices).check();
        warnOfEmptySelector(fields, policy.selector().isEmpty(), locations);
        onlyOnce(Kind.AUTHORIZATION, group, policy.id(), locations);
        policies.add(policy);
    }

    private void peers(FieldReader fields, ApiGroup group, Locations locations) {
        PeerAuthentication one =
                new PeerAuthenticationReader(group, report, admission, locations).read(fields);
        warnOfEmptySelector(fields, one.selector().isEmpty(), locations);
        onlyOnce(Kind.PEERS, group, one.id(), locations);
        for (PeerAuthentication other : peers) {
            if (standsWhere(one, other)) {
                secondInOnePlace(one, other, locations);
            }
        }
        peers.add(one);
    }

    private void requests(FieldReader fields, ApiGroup group, Locations locations) {
        RequestAuthentication one =
                new RequestAuthenticationReader(group, report, admission, locations).read(fields);
        warnOfEmptySelector(fields, one.selector().isEmpty(), locations);
        onlyOnce(Kind.REQUESTS, group, one.id(), locations);
        requests.add(one);
    }

    private static boolean standsWhere(PeerAuthentication one, PeerAuthentication other) {
        return one.group() == other.group()
                && one.namespace().equals(other.namespace())
                && one.selector().equals(other.selector())
                && !one.name().equals(other.name());
    }

    /** Istio lets the oldest win, and admits the others. */
    private void secondInOnePlace(
            PeerAuthentication one, PeerAuthentication other, Locations locations) {
        if (one.group() == ApiGroup.ISTIO) {
            notices.warn(
                    locations,
                    "metadata.name",
                    "SECOND_PEER_AUTHENTICATION",
                    "stands where " + other.id() + " stands: the strictest of them counts");
            return;
        }
        admission.add(
                locations.lineOf("metadata.name"),
                "metadata.name",
                Problem.Code.CONFLICT,
                one.id() + " beside " + other.id(),
                "one PeerAuthentication for a namespace and selector");
    }

    private void warnOfEmptySelector(FieldReader fields, boolean isEmpty, Locations locations) {
        FieldReader spec = fields.has("spec") ? fields.object("spec") : null;
        if (spec != null && spec.has("selector") && isEmpty) {
            notices.warn(
                    locations,
                    "spec.selector",
                    "SELECTOR_EMPTY",
                    "an empty selector selects every workload in scope");
        }
    }

    private void onlyOnce(Kind kind, ApiGroup group, String id, Locations locations) {
        if (!ids.add(kind + " " + group + " " + id)) {
            report.add(
                    locations.lineOf("metadata.name"),
                    "metadata.name",
                    Problem.Code.DUPLICATE_POLICY,
                    id,
                    "each policy once in a file");
        }
    }

    private @Nullable Kind kindOf(@Nullable String kind, Locations locations) {
        String written = Objects.requireNonNullElse(kind, "");
        for (Kind known : Kind.values()) {
            if (known.written.equals(written)) {
                return known;
            }
        }
        List<String> all = Stream.of(Kind.values()).map(known -> known.written).toList();
        report.add(
                locations.lineOf("kind"),
                "kind",
                Problem.Code.KIND_UNKNOWN,
                written.isEmpty() ? "nothing" : written,
                Suggestion.of(written, all)
                        .map(near -> "did you mean " + near + "?")
                        .orElse(String.join(", ", all)));
        return null;
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

    /** What can be read. */
    private enum Kind {
        AUTHORIZATION("AuthorizationPolicy"),
        PEERS("PeerAuthentication"),
        REQUESTS("RequestAuthentication");

        private final String written;

        Kind(String written) {
            this.written = written;
        }
    }
}
