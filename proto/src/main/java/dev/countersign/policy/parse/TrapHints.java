package dev.countersign.policy.parse;

import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.match.PathTemplate;
import java.util.Optional;
import java.util.Set;

/** Values that are accepted and match something else than they seem to. */
final class TrapHints {

    private static final Set<String> OF_THE_CALLER =
            Set.of(
                    "notPrincipals",
                    "notNamespaces",
                    "notRequestPrincipals",
                    "notServiceAccounts",
                    "notTrustDomains");

    private TrapHints() {}

    /** Whether the field is true of a caller that lacks what it is about. */
    static boolean passesWithoutAttribute(String field) {
        return OF_THE_CALLER.contains(field);
    }

    /** The trap this value steps into, if any. */
    static Optional<Trap> of(AuthorizationPolicy policy, String field, String value) {
        return switch (field) {
            case "principals", "notPrincipals" -> principal(policy, value);
            case "paths", "notPaths" -> path(value);
            case "hosts", "notHosts" -> host(value);
            case "methods", "notMethods" -> innerStar(value);
            case "requestPrincipals", "notRequestPrincipals" -> requestPrincipal(value);
            default -> Optional.empty();
        };
    }

    private static Optional<Trap> principal(AuthorizationPolicy policy, String value) {
        if (policy.group() == ApiGroup.ISTIO && value.startsWith("spiffe://")) {
            return Optional.of(
                    new Trap("PRINCIPAL_WITH_SCHEME", "never matches: write it without spiffe://"));
        }
        return innerStar(value);
    }

    private static Optional<Trap> path(String value) {
        if (!value.startsWith("/") && !value.startsWith("*")) {
            return Optional.of(new Trap("PATH_NOT_ABSOLUTE", "never matches: paths begin with /"));
        }
        if (PathTemplate.isTemplate(value)) {
            return Optional.empty();
        }
        Optional<Trap> literal = innerStar(value);
        return literal.isEmpty() && value.startsWith("*") && value.length() > 1
                ? Optional.of(
                        new Trap(
                                "SUFFIX_PATH",
                                "matches whatever ends so, below any other path too: a prefix or a"
                                        + " template says which"))
                : literal;
    }

    /** What clients send has the port in it wherever it is not the scheme's own. */
    private static Optional<Trap> host(String value) {
        boolean portless = !value.endsWith("*") && value.indexOf(':') < 0;
        return portless
                ? Optional.of(
                        new Trap(
                                "HOST_WITHOUT_PORT",
                                "does not match the same host with a port: add " + value + ":*"))
                : innerStar(value);
    }

    private static Optional<Trap> requestPrincipal(String value) {
        return value.equals("*/*")
                ? Optional.of(
                        new Trap(
                                "LITERAL_STAR",
                                "asks for a subject that is literally *; any token is *"))
                : Optional.empty();
    }

    /** A star is a wildcard at one end only; a leading one makes a trailing one literal. */
    private static Optional<Trap> innerStar(String value) {
        boolean leading = value.startsWith("*");
        int star = value.indexOf('*', leading ? 1 : 0);
        boolean literal = star >= 0 && (leading || star < value.length() - 1);
        return literal
                ? Optional.of(
                        new Trap("LITERAL_STAR", "this * is no wildcard: it matches a literal *"))
                : Optional.empty();
    }

    /** A trap by name. */
    record Trap(String code, String message) {}
}
