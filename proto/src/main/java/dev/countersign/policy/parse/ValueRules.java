package dev.countersign.policy.parse;

import dev.countersign.policy.match.IpBlock;
import dev.countersign.policy.match.PathTemplate;
import java.util.Optional;

/** What a single value of a field may look like. */
final class ValueRules {

    private ValueRules() {}

    /** What is wrong with the value, if anything. */
    static Optional<Fault> fault(String field, String value) {
        if (value.isEmpty()) {
            return Optional.of(new Fault(Problem.Code.EMPTY, "an empty string", "a value"));
        }
        return switch (field) {
            case "ipBlocks", "notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks" ->
                    unless(IpBlock.parse(value) != null, value, "an IP address or a CIDR block");
            case "ports", "notPorts" -> unless(isPort(value), value, "a port, 0 to 65535");
            case "serviceAccounts", "notServiceAccounts" ->
                    unless(
                            isServiceAccount(value),
                            value,
                            "<service account> or <namespace>/<service account>, no *, at most "
                                    + Bounds.SERVICE_ACCOUNT_LENGTH
                                    + " characters");
            case "trustDomains", "notTrustDomains" ->
                    unless(isTrustDomain(value), value, "a trust domain: no /, at most one *");
            case "paths", "notPaths" -> path(value);
            default -> Optional.empty();
        };
    }

    private static Optional<Fault> path(String value) {
        String fault = PathTemplate.fault(value);
        return fault == null ? Optional.empty() : unless(false, value, fault);
    }

    private static Optional<Fault> unless(boolean good, String value, String expected) {
        return good
                ? Optional.empty()
                : Optional.of(new Fault(Problem.Code.INVALID_VALUE, value, expected));
    }

    private static boolean isPort(String value) {
        boolean digits = value.length() <= 5 && value.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits && Integer.parseInt(value) <= 65535;
    }

    private static boolean isServiceAccount(String value) {
        int slash = value.indexOf('/');
        return value.length() <= Bounds.SERVICE_ACCOUNT_LENGTH
                && value.indexOf('*') < 0
                && slash != 0
                && slash != value.length() - 1
                && value.indexOf('/', slash + 1) < 0;
    }

    private static boolean isTrustDomain(String value) {
        return value.indexOf('/') < 0 && value.indexOf('*') == value.lastIndexOf('*');
    }

    /** What is wrong. */
    record Fault(Problem.Code code, String value, String expected) {}
}
