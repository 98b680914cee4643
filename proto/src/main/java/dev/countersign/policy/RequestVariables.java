package dev.countersign.policy;

import dev.countersign.policy.expression.ExpressionVariables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request as expressions see it.
 *
 * @param headers names of those that are asked for: a request's headers are held elsewhere and
 *     cannot be listed
 * @param own trust domains whose namespaces and service accounts are those of this mesh
 */
record RequestVariables(Request request, List<String> own, Set<String> headers)
        implements ExpressionVariables {
    @Override
    public @Nullable Object find(String name) {
        return switch (name) {
            case "source.principal" -> request.sourcePrincipal();
            case "source.trustDomain" -> segment(0);
            case "source.namespace" -> isOwn() ? segment(2) : null;
            case "source.serviceAccount" -> isOwn() ? segment(4) : null;
            case "source.ip" -> text(request.sourceIp());
            case "source.remoteIp" -> text(request.remoteIp());
            case "destination.ip" -> text(request.destinationIp());
            case "destination.port" -> (long) request.port();
            case "destination.namespace", "destination.serviceAccount", "destination.labels" ->
                    destination(name);
            case "request.method" -> request.method();
            case "request.host" -> request.host();
            case "request.path" -> request.path();
            case "request.headers" -> headerValues();
            case "connection.sni" -> request.sni();
            case "connection.mtls" -> request.sourcePrincipal() != null;
            default -> token(name);
        };
    }

    private Map<String, String> headerValues() {
        Map<String, String> values = new HashMap<>();
        for (String name : headers) {
            String value = request.header(name);
            if (value != null) {
                values.put(name, value);
            }
        }
        return values;
    }

    private @Nullable Object destination(String name) {
        Workload workload = request.destination();
        if (workload == null) {
            return null;
        }
        return switch (name) {
            case "destination.namespace" -> workload.namespace();
            case "destination.serviceAccount" -> workload.serviceAccount();
            default -> workload.labels();
        };
    }

    private @Nullable Object token(String name) {
        Map<String, ?> claims = request.jwtClaims();
        // Without a token there are no claims; so that has() can be asked of them.
        if (name.equals("request.auth.claims")) {
            return claims == null ? Map.of() : plain(claims);
        }
        if (claims == null) {
            return null;
        }
        return switch (name) {
            case "request.auth.issuer" -> string(claims, "iss");
            case "request.auth.subject" -> string(claims, "sub");
            case "request.auth.presenter" -> string(claims, "azp");
            case "request.auth.audiences" -> audiences(claims.get("aud"));
            case "request.auth.principal" -> {
                String issuer = string(claims, "iss");
                String subject = string(claims, "sub");
                yield issuer == null || subject == null ? null : issuer + "/" + subject;
            }
            default -> null;
        };
    }

    private static @Nullable String string(Map<String, ?> claims, String name) {
        return claims.get(name) instanceof String text ? text : null;
    }

    private static @Nullable List<String> audiences(@Nullable Object value) {
        return switch (value) {
            case String one -> List.of(one);
            case List<?> all ->
                    all.stream().filter(String.class::isInstance).map(String.class::cast).toList();
            case null, default -> null;
        };
    }

    private static @Nullable String text(@Nullable Object address) {
        return address == null ? null : address.toString();
    }

    private boolean isOwn() {
        String[] segments = segments();
        return segments.length == 5
                && segments[1].equals("ns")
                && segments[3].equals("sa")
                && own.contains(segments[0]);
    }

    private @Nullable String segment(int index) {
        String[] segments = segments();
        return index < segments.length ? segments[index] : null;
    }

    private String[] segments() {
        String principal = request.sourcePrincipal();
        return principal == null ? new String[0] : principal.split("/", -1);
    }

    /** JSON values as CEL knows them: its integers are 64 bits wide, and it has no null here. */
    private static @Nullable Object plain(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> object -> {
                Map<Object, Object> copy = new HashMap<>();
                object.forEach((name, one) -> {
                    Object member = plain(one);
                    if (member != null) {
                        copy.put(Objects.requireNonNull(name), member);
                    }
                });
                yield copy;
            }
            case List<?> list -> {
                List<Object> copy = new ArrayList<>(list.size());
                for (Object item : list) {
                    Object member = plain(item);
                    if (member != null) {
                        copy.add(member);
                    }
                }
                yield copy;
            }
            case Integer number -> number.longValue();
            case Short number -> number.longValue();
            case Byte number -> number.longValue();
            case Long number -> number;
            case Float number -> number.doubleValue();
            case Number number -> number.doubleValue();
            case String text -> text;
            case Boolean flag -> flag;
            case null, default -> null;
        };
    }
}
