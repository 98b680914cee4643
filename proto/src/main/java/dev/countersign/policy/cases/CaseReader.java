package dev.countersign.policy.cases;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Compatibility;
import dev.countersign.policy.DataPlane;
import dev.countersign.policy.DefaultAction;
import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.PathNormalizer;
import dev.countersign.policy.ProviderAnswers;
import dev.countersign.policy.Request;
import dev.countersign.policy.Workload;
import dev.countersign.policy.match.IpAddress;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import dev.countersign.policy.parse.Problem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one case. What is absent or null takes the value that Istio's installation has. */
final class CaseReader {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final JsonNode row;
    private final String label;

    private CaseReader(JsonNode row, String label) {
        this.row = row;
        this.label = label;
    }

    static PolicyCase read(JsonNode row, int index) throws BadCaseTable {
        String label = "case " + index;
        if (!row.isObject()) {
            throw new BadCaseTable(label + ": not an object");
        }
        String id = text(row, "id", "#" + index);
        return new CaseReader(row, label + " (" + id + ")").read(id);
    }

    private PolicyCase read(String id) throws BadCaseTable {
        JsonNode providers = row.path("ext_authz_results");
        return new PolicyCase(
                id,
                text(row, "name", id),
                policies(),
                request(object("request")),
                workload(),
                mesh(providers),
                dataPlanes(),
                answers(providers),
                Expectation.of(expected()),
                null);
    }

    private CasePolicies policies() throws BadCaseTable {
        JsonNode policies = row.path("policies");
        if (policies.isMissingNode() || policies.isNull()) {
            return new CasePolicies.Read(List.of());
        }
        if (!policies.isArray()) {
            throw bad("policies", policies, "an array of YAML texts");
        }
        List<AuthorizationPolicy> read = new ArrayList<>();
        for (int i = 0; i < policies.size(); i++) {
            JsonNode policy = policies.get(i);
            // A policy as an object is YAML as well: JSON.
            String text = policy.isTextual() ? policy.asText() : policy.toString();
            byte[] yaml = text.getBytes(StandardCharsets.UTF_8);
            try {
                read.addAll(PolicyParser.parseUnchecked("policies[" + i + "]", yaml).policies());
            } catch (PolicyRefused e) {
                return new CasePolicies.Refused(
                        e.problems().stream().map(Problem::toString).toList());
            }
        }
        return new CasePolicies.Read(read);
    }

    private CaseRequest request(JsonNode request) throws BadCaseTable {
        String protocol = text(request, "protocol", "http").toLowerCase(Locale.ROOT);
        Request.Builder builder =
                switch (protocol) {
                    case "http", "https", "http2", "grpc", "h2" -> Request.http();
                    case "tcp", "tls" -> Request.tcp();
                    default ->
                            throw bad(
                                    "request.protocol",
                                    request.get("protocol"),
                                    "http, grpc or tcp");
                };
        builder.port(port(request))
                .sourcePrincipal(nullable(request, "source_principal"))
                .sourceIp(address(request, "source_ip"))
                .remoteIp(address(request, "remote_ip"))
                .destinationIp(address(request, "destination_ip"))
                .sni(nullable(request, "sni"))
                .method(nullable(request, "method"))
                .host(nullable(request, "host"));
        request.path("headers").properties().forEach(one -> addHeader(builder, one));
        JsonNode claims = request.path("jwt_claims");
        if (claims.isObject()) {
            builder.jwtClaims(map(claims));
        }
        JsonNode metadata = request.path("metadata");
        if (metadata.isObject()) {
            builder.metadata(map(metadata));
        }
        return new CaseRequest(builder, nullable(request, "path"));
    }

    /** A number, or its digits as a text; 0 where a table leaves it out. */
    private int port(JsonNode request) throws BadCaseTable {
        String written = text(request, "port", "0");
        boolean digits = !written.isEmpty() && written.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || written.length() > 5 || Integer.parseInt(written) > 65535) {
            throw bad("request.port", request.get("port"), "0 to 65535");
        }
        return Integer.parseInt(written);
    }

    private static void addHeader(Request.Builder builder, Map.Entry<String, JsonNode> header) {
        if (header.getValue().isArray()) {
            header.getValue().forEach(value -> builder.header(header.getKey(), value.asText()));
        } else if (!header.getValue().isNull()) {
            builder.header(header.getKey(), header.getValue().asText());
        }
    }

    private @Nullable IpAddress address(JsonNode request, String field) throws BadCaseTable {
        String written = nullable(request, field);
        if (written == null) {
            return null;
        }
        IpAddress address = IpAddress.parse(written);
        if (address == null) {
            throw bad("request." + field, request.get(field), "an IP address");
        }
        return address;
    }

    private Workload workload() {
        JsonNode workload = row.path("workload");
        Map<String, String> labels = new HashMap<>();
        workload.path("labels")
                .properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
        return new Workload(
                text(workload, "namespace", "default"),
                text(workload, "service_account", "default"),
                labels);
    }

    private MeshSettings mesh(JsonNode providers) throws BadCaseTable {
        JsonNode mesh = row.path("mesh");
        String root = text(mesh, "root_namespace", "istio-system");
        return new MeshSettings(
                root,
                root,
                text(mesh, "trust_domain", "cluster.local"),
                texts(mesh.path("trust_domain_aliases")),
                Compatibility.ISTIO,
                DefaultAction.ALLOW,
                normalization(mesh),
                spaceDelimitedClaims(),
                mesh.path("multiple_custom_providers").asBoolean(false),
                authorizers(providers));
    }

    private PathNormalizer.Mode normalization(JsonNode mesh) throws BadCaseTable {
        String written = text(mesh, "path_normalization", "BASE");
        return switch (written) {
            case "DEFAULT" -> PathNormalizer.Mode.BASE;
            case "NONE", "BASE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES" ->
                    PathNormalizer.Mode.valueOf(written);
            default ->
                    throw bad(
                            "mesh.path_normalization",
                            mesh.get("path_normalization"),
                            "NONE, BASE, MERGE_SLASHES or DECODE_AND_MERGE_SLASHES");
        };
    }

    private Set<String> spaceDelimitedClaims() {
        JsonNode claims = row.path("space_delimited_claims");
        return claims.isArray()
                ? new HashSet<>(texts(claims))
                : MeshSettings.DEFAULT_SPACE_DELIMITED_CLAIMS;
    }

    private static Map<String, ExternalAuthorizer> authorizers(JsonNode providers) {
        Map<String, ExternalAuthorizer> authorizers = new HashMap<>();
        providers
                .properties()
                .forEach(one -> {
                    boolean http = text(one.getValue(), "type", "grpc").equals("http");
                    authorizers.put(
                            one.getKey(),
                            new ExternalAuthorizer(
                                    one.getKey(),
                                    http
                                            ? ExternalAuthorizer.Type.HTTP
                                            : ExternalAuthorizer.Type.GRPC));
                });
        return authorizers;
    }

    private Map<String, ProviderAnswers.Answer> answers(JsonNode providers) throws BadCaseTable {
        Map<String, ProviderAnswers.Answer> answers = new HashMap<>();
        for (Map.Entry<String, JsonNode> one : providers.properties()) {
            JsonNode result =
                    one.getValue().isTextual() ? one.getValue() : one.getValue().path("result");
            answers.put(
                    one.getKey(),
                    switch (result.asText().toLowerCase(Locale.ROOT)) {
                        case "allow" -> ProviderAnswers.Answer.ALLOW;
                        case "deny" -> ProviderAnswers.Answer.DENY;
                        case "error", "unavailable", "timeout", "" ->
                                ProviderAnswers.Answer.UNAVAILABLE;
                        default ->
                                throw bad(
                                        "ext_authz_results." + one.getKey(),
                                        result,
                                        "allow, deny or error");
                    });
        }
        return answers;
    }

    private List<DataPlane> dataPlanes() throws BadCaseTable {
        String written = text(row, "dataplane", "sidecar");
        return switch (written) {
            case "sidecar" -> List.of(DataPlane.SIDECAR);
            case "ztunnel" -> List.of(DataPlane.ZTUNNEL);
            case "both" -> List.of(DataPlane.SIDECAR, DataPlane.ZTUNNEL);
            default -> throw bad("dataplane", row.get("dataplane"), "sidecar, ztunnel or both");
        };
    }

    private boolean expected() throws BadCaseTable {
        String written = text(row, "expected", "");
        return switch (written.toLowerCase(Locale.ROOT)) {
            case "allow" -> true;
            case "deny" -> false;
            default -> throw bad("expected", row.path("expected"), "allow or deny");
        };
    }

    private JsonNode object(String field) throws BadCaseTable {
        JsonNode value = row.path(field);
        if (!value.isObject()) {
            throw bad(field, value, "an object");
        }
        return value;
    }

    private BadCaseTable bad(String field, @Nullable JsonNode value, String expected) {
        boolean nothing = value == null || value.isMissingNode();
        return new BadCaseTable(
                label
                        + ": "
                        + field
                        + ": "
                        + (nothing ? "nothing" : value)
                        + " (expected: "
                        + expected
                        + ")");
    }

    private static Map<String, ?> map(JsonNode object) {
        return JSON.convertValue(
                object,
                JSON.getTypeFactory().constructMapType(HashMap.class, String.class, Object.class));
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    private static String text(JsonNode object, String field, String otherwise) {
        String value = nullable(object, field);
        return value == null ? otherwise : value;
    }

    private static @Nullable String nullable(JsonNode object, String field) {
        JsonNode value = object.path(field);
        return value.isMissingNode() || value.isNull() ? null : value.asText();
    }
}
