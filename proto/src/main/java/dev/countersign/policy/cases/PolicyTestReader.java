package dev.countersign.policy.cases;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Compatibility;
import dev.countersign.policy.DataPlane;
import dev.countersign.policy.Decision;
import dev.countersign.policy.DefaultAction;
import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.ProviderAnswers;
import dev.countersign.policy.Request;
import dev.countersign.policy.Workload;
import dev.countersign.policy.match.IpAddress;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import dev.countersign.policy.parse.Problem;
import dev.countersign.policy.parse.StrictDocument;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a test file in its YAML form, which the package describes: as strict as policies are, and
 * under our own reading unless it says otherwise.
 */
final class PolicyTestReader {

    private static final String VERSION = "countersign.dev/v1";
    private static final String KIND = "PolicyTest";
    private static final String NOBODY = "nobody";
    private static final int DEFAULT_PORT = 80;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final CaseTable.PolicyFiles files;
    private final Map<String, Workload> workloads = new HashMap<>();
    private MeshSettings mesh = MeshSettings.countersign("countersign-system", "cluster.local");

    private PolicyTestReader(CaseTable.PolicyFiles files) {
        this.files = files;
    }

    static CaseTable read(String fileName, byte[] content, CaseTable.PolicyFiles files)
            throws BadCaseTable {
        JsonNode root;
        try {
            root = StrictDocument.read(fileName, content);
        } catch (PolicyRefused e) {
            throw new BadCaseTable(e.problems().getFirst().toString());
        }
        return new PolicyTestReader(files).table(Fields.of(root, ""));
    }

    private CaseTable table(Fields root) throws BadCaseTable {
        if (!VERSION.equals(root.text("apiVersion")) || !KIND.equals(root.text("kind"))) {
            throw new BadCaseTable(
                    "apiVersion, kind: "
                            + root.text("apiVersion")
                            + ", "
                            + root.text("kind")
                            + " (expected: "
                            + VERSION
                            + ", "
                            + KIND
                            + ")");
        }
        Fields settings = root.object("mesh");
        if (settings != null) {
            mesh = mesh(settings);
        }
        CasePolicies policies = policies(root);
        readWorkloads(root);
        List<TestCase> cases = new ArrayList<>();
        for (JsonNode one : root.items("tests")) {
            int index = cases.size();
            cases.add(test(Fields.of(one, "tests[" + index + "]"), index, policies));
        }
        root.finish();
        return new CaseTable(cases);
    }

    private MeshSettings mesh(Fields written) throws BadCaseTable {
        Compatibility reading = written.choice("compatibility", Compatibility.COUNTERSIGN);
        String trustDomain = written.text("trustDomain", mesh.trustDomain());
        MeshSettings defaults =
                switch (reading) {
                    case COUNTERSIGN -> MeshSettings.countersign("countersign-system", trustDomain);
                    case ISTIO -> MeshSettings.istio("istio-system", trustDomain);
                };
        Set<String> claims = new HashSet<>(MeshSettings.DEFAULT_SPACE_DELIMITED_CLAIMS);
        claims.addAll(written.texts("spaceDelimitedClaims"));
        MeshSettings settings =
                new MeshSettings(
                        written.text("rootNamespace", defaults.rootNamespace()),
                        written.text("istioRootNamespace", defaults.istioRootNamespace()),
                        trustDomain,
                        written.texts("trustDomainAliases"),
                        reading,
                        written.choice("defaultAction", defaults.defaultAction()),
                        written.choice("pathNormalization", defaults.pathNormalization()),
                        claims,
                        written.flag("multipleCustomProviders", false),
                        providers(written));
        written.finish();
        return settings;
    }

    private static Map<String, ExternalAuthorizer> providers(Fields written) throws BadCaseTable {
        Map<String, ExternalAuthorizer> providers = new HashMap<>();
        for (Map.Entry<String, String> one : written.map("providers").entrySet()) {
            providers.put(
                    one.getKey(),
                    new ExternalAuthorizer(
                            one.getKey(),
                            written.choice(
                                    "providers." + one.getKey(),
                                    one.getValue(),
                                    ExternalAuthorizer.Type.class)));
        }
        return providers;
    }

    private CasePolicies policies(Fields root) throws BadCaseTable {
        List<AuthorizationPolicy> policies = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        List<JsonNode> written = root.items("policies");
        for (int i = 0; i < written.size(); i++) {
            JsonNode one = written.get(i);
            if (one.isTextual() && !one.asText().contains("\n")) {
                for (CaseTable.PolicyFile file : files.named(one.asText())) {
                    admit(file.name(), file.content(), policies, problems);
                }
            } else {
                String text = one.isTextual() ? one.asText() : one.toString();
                byte[] yaml = text.getBytes(StandardCharsets.UTF_8);
                admit("policies[" + i + "]", yaml, policies, problems);
            }
        }
        return problems.isEmpty()
                ? new CasePolicies.Read(policies)
                : new CasePolicies.Refused(problems);
    }

    /** As the server admits them: a test of a policy that it refuses says nothing. */
    private static void admit(
            String name, byte[] yaml, List<AuthorizationPolicy> policies, List<String> problems) {
        try {
            policies.addAll(PolicyParser.parse(name, yaml).policies());
        } catch (PolicyRefused e) {
            e.problems().stream().map(Problem::toString).forEach(problems::add);
        }
    }

    private void readWorkloads(Fields root) throws BadCaseTable {
        JsonNode written = root.get("workloads");
        if (written == null) {
            return;
        }
        Fields all = Fields.of(written, "workloads");
        for (Map.Entry<String, JsonNode> one : written.properties()) {
            Fields fields = Fields.of(one.getValue(), all.at(one.getKey()));
            workloads.put(
                    one.getKey(),
                    new Workload(
                            fields.required("namespace", "a namespace").asText(),
                            fields.text("serviceAccount", "default"),
                            fields.map("labels")));
            fields.finish();
        }
    }

    private PolicyCase test(Fields test, int index, CasePolicies policies) throws BadCaseTable {
        CaseRequest request = request(test);
        PolicyCase read =
                new PolicyCase(
                        "#" + index,
                        test.text("name", request.describe()),
                        policies,
                        request,
                        destination(test),
                        mesh,
                        List.of(DataPlane.SIDECAR),
                        answers(test),
                        expectation(test),
                        instant(test));
        test.finish();
        return read;
    }

    private CaseRequest request(Fields test) throws BadCaseTable {
        String protocol = test.text("protocol", "http");
        Request.Builder builder =
                switch (protocol.toLowerCase(Locale.ROOT)) {
                    case "http", "grpc" -> Request.http();
                    case "tcp" -> Request.tcp();
                    default ->
                            throw new BadCaseTable(
                                    test.at("protocol")
                                            + ": "
                                            + protocol
                                            + " (expected: http, grpc or tcp)");
                };
        builder.sourcePrincipal(caller(test))
                .port(test.number("port", DEFAULT_PORT, 0, 65535))
                .sni(test.text("sni"))
                .host(test.text("host"))
                .sourceIp(address(test, "sourceIp"))
                .remoteIp(address(test, "remoteIp"))
                .destinationIp(address(test, "destinationIp"));
        test.map("headers").forEach(builder::header);
        Fields claims = test.object("claims");
        if (claims != null) {
            builder.jwtClaims(claims(test));
        }
        return new CaseRequest(builder, target(test, builder));
    }

    /** {@code GET /orders/42}; a connection has none. */
    private static @Nullable String target(Fields test, Request.Builder builder)
            throws BadCaseTable {
        String line = test.text("request");
        if (line == null) {
            return null;
        }
        int space = line.indexOf(' ');
        if (space <= 0 || line.indexOf(' ', space + 1) >= 0) {
            throw new BadCaseTable(
                    test.at("request") + ": " + line + " (expected: such as GET /orders/42)");
        }
        builder.method(line.substring(0, space));
        return line.substring(space + 1);
    }

    /** {@code namespace/service-account} of the mesh, a whole SPIFFE ID, or {@code nobody}. */
    private @Nullable String caller(Fields test) throws BadCaseTable {
        String written =
                test.required("from", "namespace/service-account, spiffe://… or " + NOBODY)
                        .asText();
        if (written.equals(NOBODY) || written.startsWith("spiffe://")) {
            return written.equals(NOBODY) ? null : written;
        }
        String[] parts = written.split("/", -1);
        if (parts.length != 2) {
            throw new BadCaseTable(
                    test.at("from")
                            + ": "
                            + written
                            + " (expected: namespace/service-account, spiffe://… or "
                            + NOBODY
                            + ")");
        }
        return mesh.trustDomain() + "/ns/" + parts[0] + "/sa/" + parts[1];
    }

    /** A name of {@code workloads}, or {@code namespace/service-account} without labels. */
    private Workload destination(Fields test) throws BadCaseTable {
        String written = test.required("to", "a workload of this file").asText();
        Workload known = workloads.get(written);
        if (known != null) {
            return known;
        }
        String[] parts = written.split("/", -1);
        if (parts.length != 2) {
            throw new BadCaseTable(
                    test.at("to")
                            + ": "
                            + written
                            + " (expected: one of workloads, or namespace/service-account)");
        }
        return new Workload(parts[0], parts[1], Map.of());
    }

    private static Map<String, ProviderAnswers.Answer> answers(Fields test) throws BadCaseTable {
        Map<String, ProviderAnswers.Answer> answers = new HashMap<>();
        for (Map.Entry<String, String> one : test.map("answers").entrySet()) {
            answers.put(
                    one.getKey(),
                    test.choice(
                            "answers." + one.getKey(),
                            one.getValue(),
                            ProviderAnswers.Answer.class));
        }
        return answers;
    }

    private static Expectation expectation(Fields test) throws BadCaseTable {
        JsonNode written = test.required("expect", "allow or deny");
        if (written.isTextual()) {
            return Expectation.of(allowed(test, "expect", written.asText()));
        }
        Fields fields = Fields.of(written, test.at("expect"));
        String reason = fields.text("reason");
        Expectation expectation =
                new Expectation(
                        allowed(fields, "decision", fields.text("decision", "")),
                        fields.text("policy"),
                        fields.number("rule", -1, 0, 511),
                        reason == null
                                ? null
                                : fields.choice("reason", reason, Decision.Reason.class));
        fields.finish();
        return expectation;
    }

    private static boolean allowed(Fields fields, String name, String written) throws BadCaseTable {
        return fields.choice(name, written, DefaultAction.class) == DefaultAction.ALLOW;
    }

    private static @Nullable Instant instant(Fields test) throws BadCaseTable {
        String written = test.text("at");
        try {
            return written == null ? null : Instant.parse(written);
        } catch (DateTimeException e) {
            throw new BadCaseTable(
                    test.at("at") + ": " + written + " (expected: such as 2026-03-01T10:00:00Z)");
        }
    }

    private static @Nullable IpAddress address(Fields test, String field) throws BadCaseTable {
        String written = test.text(field);
        IpAddress address = written == null ? null : IpAddress.parse(written);
        if (written != null && address == null) {
            throw new BadCaseTable(test.at(field) + ": " + written + " (expected: an IP address)");
        }
        return address;
    }

    private static Map<String, ?> claims(Fields test) {
        return JSON.convertValue(
                test.get("claims"),
                JSON.getTypeFactory().constructMapType(HashMap.class, String.class, Object.class));
    }
}
