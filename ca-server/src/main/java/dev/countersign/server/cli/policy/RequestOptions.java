package dev.countersign.server.cli.policy;

import dev.countersign.identity.MalformedIdentity;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.NormalizedPath;
import dev.countersign.policy.PathNormalizer;
import dev.countersign.policy.Request;
import dev.countersign.policy.Workload;
import dev.countersign.policy.match.IpAddress;
import dev.countersign.server.cli.CommandFailed;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Mix-in: one request, as a person describes it. */
final class RequestOptions {

    private static final String NOBODY = "nobody";

    @Option(
            names = "--from",
            paramLabel = "CALLER",
            description =
                    "Who calls: namespace/service-account, a SPIFFE ID, or nobody for a caller"
                            + " without identity.")
    private String from = "";

    @Option(
            names = "--to",
            paramLabel = "WORKLOAD[:PORT]",
            description =
                    "Who is called: namespace/service-account, and the port of the workload"
                            + " (default: 80).")
    private String to = "";

    @Option(
            names = "--label",
            paramLabel = "KEY=VALUE",
            description = "A label of the workload (default: as the server knows it).")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Option(
            names = "--host",
            paramLabel = "AUTHORITY",
            description = "Host as the client sends it.")
    private @Nullable String host;

    @Option(names = "--header", paramLabel = "NAME=VALUE", description = "A header of the request.")
    private Map<String, String> headers = new LinkedHashMap<>();

    @Option(
            names = "--claim",
            paramLabel = "NAME=VALUE",
            description = "A claim of the validated token.")
    private Map<String, String> claims = new LinkedHashMap<>();

    @Option(names = "--source-ip", paramLabel = "ADDRESS", description = "The direct peer's.")
    private @Nullable String sourceIp;

    @Option(names = "--sni", paramLabel = "NAME", description = "Server name of the TLS handshake.")
    private @Nullable String sni;

    /** Whether the person described a request at all. */
    boolean given() {
        return !from.isEmpty() || !to.isEmpty();
    }

    /** The destinations meant: more than one where the server knows it with several label sets. */
    List<Workload> destinations(List<Workload> known) {
        ServiceAccountName account =
                account(to.indexOf(':') < 0 ? to : to.substring(0, to.indexOf(':')), "--to");
        if (!labels.isEmpty()) {
            return List.of(new Workload(account.namespace(), account.name(), labels));
        }
        List<Workload> matching =
                known.stream()
                        .filter(one ->
                                one.namespace().equals(account.namespace())
                                        && one.serviceAccount().equals(account.name()))
                        .toList();
        return matching.isEmpty()
                ? List.of(new Workload(account.namespace(), account.name(), Map.of()))
                : matching;
    }

    /**
     * The request.
     *
     * @param method null for a TCP connection
     * @param target path as a client sends it, or null
     */
    Request request(MeshSettings mesh, @Nullable String method, @Nullable String target) {
        Request.Builder builder = method == null ? Request.tcp() : Request.http();
        builder.sourcePrincipal(caller(mesh))
                .port(port())
                .host(host)
                .sni(sni)
                .method(method)
                .path(target == null ? null : normal(mesh, target))
                .sourceIp(address());
        headers.forEach(builder::header);
        if (!claims.isEmpty()) {
            builder.jwtClaims(new HashMap<>(claims));
        }
        return builder.build();
    }

    private @Nullable String caller(MeshSettings mesh) {
        if (from.isEmpty() || from.equals(NOBODY)) {
            return null;
        }
        if (from.startsWith("spiffe://")) {
            return from;
        }
        ServiceAccountName account = account(from, "--from");
        return mesh.trustDomain() + "/ns/" + account.namespace() + "/sa/" + account.name();
    }

    private static ServiceAccountName account(String written, String option) {
        try {
            return ServiceAccountName.parse(written);
        } catch (MalformedIdentity e) {
            throw new CommandFailed(
                    option + ": '" + written + "' (expected: namespace/service-account)", e);
        }
    }

    private int port() {
        int colon = to.indexOf(':');
        if (colon < 0) {
            return 80;
        }
        String written = to.substring(colon + 1);
        try {
            int port = Integer.parseInt(written);
            if (port >= 0 && port <= 65535) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Said below, as for a number out of range.
        }
        throw new CommandFailed("--to: port '" + written + "' (expected: 0 to 65535)");
    }

    private static String normal(MeshSettings mesh, String target) {
        return switch (PathNormalizer.normalize(mesh.pathNormalization(), target)) {
            case NormalizedPath.Ok ok -> ok.path();
            case NormalizedPath.Refused refused ->
                    throw new CommandFailed(
                            "path: '" + target + "' is answered with 400: " + refused);
        };
    }

    private @Nullable IpAddress address() {
        if (sourceIp == null) {
            return null;
        }
        IpAddress address = IpAddress.parse(sourceIp);
        if (address == null) {
            throw new CommandFailed("--source-ip: '" + sourceIp + "' (expected: an IP address)");
        }
        return address;
    }
}
