package dev.countersign.server.kubernetes.schema;

import dev.countersign.policy.parse.Bounds;

/** Who may do what with which workloads. */
final class AuthorizationPolicySchema {
    private static final String ADDRESSES = "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$";
    private static final String PORTS = "^[0-9]{1,5}$";
    private static final String ACCOUNTS = "^[^*/]+(/[^*/]+)?$";
    private static final String DOMAINS = "^[^*/]*[*]?[^*/]*$";

    /** As {@code java.time.OffsetDateTime} reads it. */
    private static final String TIME =
            "^[-+]?[0-9]{4,10}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{0,9})?)?"
                    + "([Zz]|[-+][0-9:]{2,8})$";

    private AuthorizationPolicySchema() {}

    static Schema root() {
        return Parts.document(
                        "Allows or denies requests and connections to workloads.",
                        spec(),
                        Parts.enforcedStatus())
                .required("spec");
    }

    private static Schema spec() {
        return Parts.scope(Schema.object("{} is an ALLOW policy without rules: it allows nothing."))
                .field(
                        "action",
                        Schema.text("What happens to a request that a rule matches; ALLOW.")
                                .values("ALLOW", "DENY", "AUDIT", "CUSTOM"))
                .field(
                        "mode",
                        Schema.text("DryRun: told, not enforced. Default: Enforce.")
                                .values("Enforce", "DryRun"))
                .field(
                        "validUntil",
                        Schema.text("When it ends: 2026-03-01T10:15:02Z.")
                                .longest(64)
                                .pattern(TIME))
                .field(
                        "provider",
                        Schema.object("Who is asked with CUSTOM.")
                                .field(
                                        "name",
                                        Schema.text("Of the server's external authorizers.")))
                .field(
                        "rules",
                        Schema.list("It matches where any of them does.", rule())
                                .mostItems(Bounds.RULES))
                .rule(
                        "(has(self.action) && self.action == 'CUSTOM') ? (has(self.provider) &&"
                                + " has(self.provider.name) && size(self.provider.name) > 0) :"
                                + " !has(self.provider)",
                        "spec.provider (expected: with action CUSTOM, and with no other)")
                .rule(
                        "!(has(self.action) && self.action in ['DENY', 'CUSTOM']) || (has(self.rules)"
                                + " && size(self.rules) > 0)",
                        "no rules (expected: at least one with DENY and CUSTOM; {} matches every"
                                + " request)");
    }

    private static Schema rule() {
        return Schema.object("All that it says must hold.")
                .field(
                        "from",
                        Schema.list("Any of these callers.", from())
                                .leastItems(1)
                                .mostItems(Bounds.ALTERNATIVES))
                .field(
                        "to",
                        Schema.list("Any of these operations.", to())
                                .leastItems(1)
                                .mostItems(Bounds.ALTERNATIVES))
                .field("when", Schema.list("All of these conditions.", condition()))
                .field("expression", Schema.text("CEL over the request; true where it matches."));
    }

    private static Schema from() {
        Schema source = Schema.object("All that it says must hold.").leastFields(1);
        source = both(source, "principals", "Identities without spiffe://.", value());
        source = both(source, "requestPrincipals", "Issuer/subject of a token.", value());
        source = both(source, "namespaces", "Of our own trust domain.", value());
        source = both(source, "ipBlocks", "Direct peer.", value().pattern(ADDRESSES));
        source = both(source, "remoteIpBlocks", "Original client.", value().pattern(ADDRESSES));
        source = accounts(source, "serviceAccounts");
        source = accounts(source, "notServiceAccounts");
        source = both(source, "trustDomains", "At most one *.", value().pattern(DOMAINS));
        return Schema.object("A caller.").field("source", source).required("source");
    }

    private static Schema to() {
        Schema operation = Schema.object("All that it says must hold.").leastFields(1);
        operation = both(operation, "hosts", "The authority, with its port.", value());
        operation = both(operation, "ports", "Of the workload.", value().pattern(PORTS));
        operation = both(operation, "methods", "HTTP methods.", value());
        operation = both(operation, "paths", "Normalised paths or path templates.", value());
        return Schema.object("An operation.").field("operation", operation).required("operation");
    }

    private static Schema condition() {
        return Schema.object("What must be so.")
                .field(
                        "key",
                        Schema.text("Of what: request.headers[name], source.ip ...").notEmpty())
                .field("values", Schema.list("Any of these.", value()))
                .field("notValues", Schema.list("None of these.", value()))
                .required("key")
                .anyOf("values", "notValues");
    }

    private static Schema both(Schema schema, String field, String description, Schema value) {
        String not = "not" + Character.toUpperCase(field.charAt(0)) + field.substring(1);
        return schema.field(field, Schema.list(description, value))
                .field(not, Schema.list("Anything but these.", value));
    }

    private static Schema accounts(Schema schema, String field) {
        return schema.field(
                field,
                Schema.list(
                                "Service accounts, of this namespace or with theirs before a slash.",
                                value().longest(Bounds.SERVICE_ACCOUNT_LENGTH).pattern(ACCOUNTS))
                        .mostItems(Bounds.SERVICE_ACCOUNTS));
    }

    private static Schema value() {
        return Schema.text("Not empty.").notEmpty();
    }
}
