package dev.countersign.server.kubernetes.schema;

import dev.countersign.policy.parse.Bounds;

/** Which connections workloads take, and which tokens they believe. */
final class AuthenticationSchemas {
    private static final String HEADER_NAME = "^[-!#$%&'*+.^_`|~A-Za-z0-9]+$";
    private static final String TIMEOUT = "^[0-9.]{1,16}(ms|s|m|h)$";

    private AuthenticationSchemas() {}

    static Schema peers() {
        Schema spec =
                Schema.object("Says nothing where it is empty: what is wider decides.")
                        .field("selector", Parts.selector())
                        .field("mtls", mtls())
                        .field(
                                "portLevelMtls",
                                Schema.map("By port of the workload; only with a selector.", mtls())
                                        .leastFields(1)
                                        .mostFields(Bounds.PORT_MODES))
                        .rule(
                                "!has(self.portLevelMtls) || (has(self.selector) &&"
                                        + " has(self.selector.matchLabels) &&"
                                        + " size(self.selector.matchLabels) > 0)",
                                "portLevelMtls without a selector (expected:"
                                        + " spec.selector.matchLabels)");
        return Parts.document(
                "Whether workloads take connections without mutual TLS.",
                spec,
                Parts.enforcedStatus());
    }

    static Schema requests() {
        Schema spec =
                Parts.scope(Schema.object("Which issuers are believed."))
                        .field(
                                "jwtRules",
                                Schema.list("One for each issuer.", jwtRule())
                                        .mostItems(Bounds.JWT_RULES));
        return Parts.document(
                "Which tokens of end users workloads believe.", spec, Parts.enforcedStatus());
    }

    private static Schema mtls() {
        return Schema.object("What a port takes.")
                .field(
                        "mode",
                        Schema.text("STRICT: mutual TLS only.")
                                .values("UNSET", "DISABLE", "PERMISSIVE", "STRICT"));
    }

    private static Schema jwtRule() {
        return Schema.object("One issuer.")
                .field("issuer", text("The iss of its tokens."))
                .field("audiences", texts("Any of these must be in aud."))
                .field(
                        "jwks",
                        Schema.text("Its public keys, written out.").longest(Bounds.JWKS_LENGTH))
                .field(
                        "jwksUri",
                        Schema.text("Where its keys are.")
                                .longest(Bounds.JWT_TEXT_LENGTH)
                                .pattern("^https://"))
                .field(
                        "fromHeaders",
                        Schema.list(
                                        "Headers that may hold a token.",
                                        Schema.object("One of them.")
                                                .field("name", headerName())
                                                .field("prefix", Schema.text("Before the token."))
                                                .required("name"))
                                .mostItems(Bounds.JWT_ENTRIES))
                .field("fromParams", texts("Query parameters that may."))
                .field("fromCookies", texts("Cookies that may."))
                .field("outputPayloadToHeader", headerName())
                .field(
                        "outputClaimToHeaders",
                        Schema.list(
                                        "Claims that the application is told.",
                                        Schema.object("One of them.")
                                                .field("header", headerName())
                                                .field("claim", text("A claim's name."))
                                                .required("header", "claim"))
                                .mostItems(Bounds.JWT_ENTRIES))
                .field("forwardOriginalToken", Schema.bool("Whether the application gets it."))
                .field("timeout", Schema.text("Of fetching keys: 1ms to 1m.").pattern(TIMEOUT))
                .field("spaceDelimitedClaims", texts("Claims whose string holds a list."))
                .required("issuer")
                .rule(
                        "has(self.jwks) != has(self.jwksUri)",
                        "jwks and jwksUri (expected: one of the two: an issuer is not asked where"
                                + " its keys are)");
    }

    private static Schema texts(String description) {
        return Schema.list(description, text("Not empty.")).mostItems(Bounds.JWT_ENTRIES);
    }

    private static Schema text(String description) {
        return Schema.text(description).notEmpty().longest(Bounds.JWT_TEXT_LENGTH);
    }

    private static Schema headerName() {
        return Schema.text("A header's name.")
                .longest(Bounds.HEADER_NAME_LENGTH)
                .pattern(HEADER_NAME);
    }
}
