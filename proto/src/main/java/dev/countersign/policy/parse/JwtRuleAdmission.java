package dev.countersign.policy.parse;

import dev.countersign.jwt.Jwks;
import dev.countersign.jwt.JwksRefused;
import dev.countersign.policy.authentication.JwtRule;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What a well-formed rule about tokens may not say. */
final class JwtRuleAdmission {
    /** Headers that frame or route a message: an issuer's claims may not write them. */
    private static final Set<String> FRAMING =
            Set.of(
                    "connection",
                    "content-length",
                    "expect",
                    "host",
                    "keep-alive",
                    "proxy-authenticate",
                    "proxy-authorization",
                    "proxy-connection",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade",
                    "x-forwarded-client-cert");

    private final ScopeAdmission scope;

    JwtRuleAdmission(ScopeAdmission scope) {
        this.scope = scope;
    }

    void check(JwtRule rule, String path) {
        text(rule.issuer(), path + ".issuer", "the iss of its tokens");
        texts(rule.audiences(), path + ".audiences", "an audience");
        keys(rule, path);
        locations(rule, path);
        outputs(rule, path);
        texts(rule.spaceDelimitedClaims(), path + ".spaceDelimitedClaims", "a claim's name");
    }

    private void keys(JwtRule rule, String path) {
        String jwks = rule.jwks();
        String address = rule.jwksUri();
        if (jwks != null && address != null) {
            scope.add(
                    path + ".jwksUri",
                    Problem.Code.CONFLICT,
                    "jwks beside jwksUri",
                    "one of the two");
        }
        if (jwks == null && address == null) {
            scope.add(
                    path,
                    Problem.Code.MISSING,
                    "neither jwks nor jwksUri",
                    "one of the two: an issuer is not asked where its keys are");
        }
        if (address != null && !isHttps(address)) {
            scope.add(
                    path + ".jwksUri",
                    Problem.Code.INVALID_VALUE,
                    address,
                    "https://host/path without user and fragment: keys that come in the clear"
                            + " are anybody's");
        }
        if (jwks != null) {
            written(jwks, path + ".jwks");
        }
    }

    /** The message repeats no key: somebody may have put a secret there. */
    private void written(String jwks, String path) {
        if (jwks.length() > Bounds.JWKS_LENGTH) {
            scope.add(
                    path,
                    Problem.Code.LIMIT,
                    jwks.length() + " characters",
                    "at most " + Bounds.JWKS_LENGTH);
            return;
        }
        try {
            Map<String, String> leftOut = Jwks.parse(jwks).leftOut();
            leftOut.forEach((place, reason) ->
                    scope.add(
                            path,
                            Problem.Code.INVALID_VALUE,
                            place + " " + reason,
                            "public signing keys only"));
        } catch (JwksRefused e) {
            scope.add(path, Problem.Code.INVALID_VALUE, e.getMessage(), "a JWK set (RFC 7517)");
        }
    }

    private void locations(JwtRule rule, String path) {
        scope.limit(path + ".fromHeaders", rule.fromHeaders().size(), Bounds.JWT_ENTRIES);
        for (int i = 0; i < rule.fromHeaders().size(); i++) {
            headerName(rule.fromHeaders().get(i).name(), path + ".fromHeaders[" + i + "].name");
        }
        texts(rule.fromParams(), path + ".fromParams", "a query parameter's name");
        texts(rule.fromCookies(), path + ".fromCookies", "a cookie's name");
    }

    private void outputs(JwtRule rule, String path) {
        String payload = rule.outputPayloadToHeader();
        if (payload != null) {
            outputName(payload, path + ".outputPayloadToHeader");
        }
        List<JwtRule.ClaimHeader> claims = rule.outputClaimToHeaders();
        scope.limit(path + ".outputClaimToHeaders", claims.size(), Bounds.JWT_ENTRIES);
        for (int i = 0; i < claims.size(); i++) {
            String at = path + ".outputClaimToHeaders[" + i + "]";
            outputName(claims.get(i).header(), at + ".header");
            text(claims.get(i).claim(), at + ".claim", "a claim's name");
        }
    }

    private void outputName(String name, String path) {
        headerName(name, path);
        if (FRAMING.contains(name.toLowerCase(Locale.ROOT))) {
            scope.add(
                    path,
                    Problem.Code.INVALID_VALUE,
                    name,
                    "a header that neither frames nor routes the request");
        }
    }

    private void headerName(String name, String path) {
        boolean good =
                !name.isEmpty()
                        && name.length() <= Bounds.HEADER_NAME_LENGTH
                        && name.chars().allMatch(JwtRuleAdmission::isTokenCharacter);
        if (!good) {
            scope.add(
                    path,
                    Problem.Code.INVALID_VALUE,
                    name.isEmpty() ? "nothing" : name,
                    "a header's name (RFC 9110, section 5.1)");
        }
    }

    private void texts(List<String> values, String path, String what) {
        scope.limit(path, values.size(), Bounds.JWT_ENTRIES);
        for (int i = 0; i < values.size(); i++) {
            text(values.get(i), path + "[" + i + "]", what);
        }
    }

    private void text(String value, String path, String what) {
        if (value.isEmpty()) {
            scope.add(path, Problem.Code.EMPTY, "nothing", what);
        } else if (value.length() > Bounds.JWT_TEXT_LENGTH) {
            scope.add(
                    path,
                    Problem.Code.LIMIT,
                    value.length() + " characters",
                    "at most " + Bounds.JWT_TEXT_LENGTH);
        }
    }

    private static boolean isHttps(String address) {
        try {
            URI uri = new URI(address);
            return address.length() <= Bounds.JWT_TEXT_LENGTH
                    && "https".equals(uri.getScheme())
                    && uri.getHost() != null
                    && uri.getUserInfo() == null
                    && uri.getFragment() == null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static boolean isTokenCharacter(int c) {
        boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter || (c >= '0' && c <= '9') || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }
}
