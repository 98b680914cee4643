package dev.countersign.policy;

import dev.countersign.policy.match.IpAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a request would have to be named as in a field, so that the field matches it. */
public final class RequestValue {

    private RequestValue() {}

    /** Empty where the request has no such attribute, or it cannot be written as one value. */
    public static Optional<String> of(Request request, String field) {
        return switch (field) {
            case "source.principals", "source.principal" ->
                    Optional.ofNullable(request.sourcePrincipal());
            case "source.namespaces", "source.namespace" -> part(request, 2);
            case "source.serviceAccounts", "source.serviceAccount" -> account(request);
            case "source.trustDomains", "source.trustDomain" -> part(request, 0);
            case "source.ipBlocks", "source.ip" -> text(request.sourceIp());
            case "source.remoteIpBlocks", "remote.ip" -> text(request.remoteIp());
            case "destination.ip" -> text(request.destinationIp());
            case "operation.hosts" -> literal(request.host());
            case "operation.methods" -> literal(request.method());
            case "operation.paths" -> literal(request.path());
            case "operation.ports", "destination.port" ->
                    Optional.of(Integer.toString(request.port()));
            case "connection.sni" -> literal(request.sni());
            default ->
                    ConditionKey.parse(field)
                            .filter(ConditionKey.Header.class::isInstance)
                            .map(ConditionKey.Header.class::cast)
                            .flatMap(header -> literal(request.header(header.name())));
        };
    }

    private static Optional<String> part(Request request, int index) {
        return parts(request).map(parts -> parts[index]);
    }

    private static Optional<String> account(Request request) {
        return parts(request).map(parts -> parts[2] + "/" + parts[4]);
    }

    /** {@code td/ns/<namespace>/sa/<account>}. */
    private static Optional<String[]> parts(Request request) {
        String principal = request.sourcePrincipal();
        String[] parts = principal == null ? new String[0] : principal.split("/", -1);
        return parts.length == 5 && parts[1].equals("ns") && parts[3].equals("sa")
                ? Optional.of(parts)
                : Optional.empty();
    }

    private static Optional<String> text(@Nullable IpAddress address) {
        return Optional.ofNullable(address).map(IpAddress::toString);
    }

    /** A value that would be read as a pattern cannot be named. */
    private static Optional<String> literal(@Nullable String value) {
        return Optional.ofNullable(value)
                .filter(text -> !text.isEmpty())
                .filter(text -> text.indexOf('*') < 0 && text.indexOf('{') < 0);
    }
}
