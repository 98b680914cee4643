package dev.countersign.jwt;

import dev.countersign.jwt.TokenResult.Reason;
import dev.countersign.policy.match.PrintableText;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * A compact JWS (RFC 7515, section 7.1), read strictly. Nothing of it is believed yet.
 *
 * @param keyId empty where the header names none
 * @param payload base64url, as it was signed
 * @param signature base64url
 */
record ParsedToken(
        JwtAlgorithm algorithm,
        String keyId,
        Map<String, Object> claims,
        byte[] signingInput,
        String payload,
        String signature) {
    /** Characters of a token: what a header line of a request has room for. */
    static final int MAX_LENGTH = 16 * 1024;

    private static final int MAX_CLAIMS = 128;
    private static final int MAX_KEY_ID = 256;
    private static final int SHOWN = 80;

    static ParsedToken of(String token) throws Refused {
        if (token.length() > MAX_LENGTH) {
            throw new Refused(
                    Reason.TOO_LARGE,
                    "token: " + token.length() + " characters (expected: <= " + MAX_LENGTH + ")");
        }
        int first = token.indexOf('.');
        int second = token.indexOf('.', first + 1);
        if (first <= 0 || second < 0 || token.indexOf('.', second + 1) >= 0) {
            throw new Refused(Reason.MALFORMED, "token: not three parts joined by dots");
        }
        Map<String, Object> header = object("header", token.substring(0, first));
        JwtAlgorithm algorithm = algorithm(header);
        refuseExtensions(header);
        String keyId = keyId(header);
        String signature = token.substring(second + 1);
        decode("signature", signature);
        String payload = token.substring(first + 1, second);
        Map<String, Object> claims = object("payload", payload);
        if (claims.size() > MAX_CLAIMS) {
            throw new Refused(
                    Reason.TOO_MANY_CLAIMS,
                    "claims: " + claims.size() + " (expected: <= " + MAX_CLAIMS + ")");
        }
        return new ParsedToken(
                algorithm,
                keyId,
                claims,
                token.substring(0, second).getBytes(StandardCharsets.US_ASCII),
                payload,
                signature);
    }

    private static JwtAlgorithm algorithm(Map<String, Object> header) throws Refused {
        String name = header.get("alg") instanceof String text ? text : "";
        Optional<JwtAlgorithm> algorithm = JwtAlgorithm.named(name);
        return algorithm.orElseThrow(() ->
                new Refused(
                        Reason.ALGORITHM,
                        "alg: "
                                + PrintableText.excerpt(name, SHOWN)
                                + " (expected: one of "
                                + String.join(", ", JwtAlgorithm.names())
                                + ")"));
    }

    /** No extension is understood, so none may be critical; {@code b64} would change what is signed. */
    private static void refuseExtensions(Map<String, Object> header) throws Refused {
        for (String extension : new String[] {"crit", "b64", "zip", "enc"}) {
            if (header.containsKey(extension)) {
                throw new Refused(
                        Reason.CRITICAL_HEADER,
                        "header: " + extension + " (expected: no such parameter)");
            }
        }
    }

    private static String keyId(Map<String, Object> header) throws Refused {
        Object id = header.get("kid");
        if (id == null || (id instanceof String text && text.length() <= MAX_KEY_ID)) {
            return id == null ? "" : id.toString();
        }
        throw new Refused(Reason.MALFORMED, "kid: odd (expected: at most 256 characters)");
    }

    private static Map<String, Object> object(String part, String text) throws Refused {
        try {
            return StrictJson.TOKEN.object(decode(part, text));
        } catch (StrictJson.Invalid e) {
            throw new Refused(
                    e.isDuplicate() ? Reason.DUPLICATE_NAME : Reason.MALFORMED,
                    part + ": " + e.getMessage());
        }
    }

    /**
     * Base64url without padding, spare bits zero (RFC 4648, section 3.5): one spelling only, or one
     * token would have many.
     */
    private static byte[] decode(String part, String text) throws Refused {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            if (bytes.length > 0
                    && Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(text)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw new Refused(Reason.MALFORMED, part + ": not canonical base64url without padding");
    }

    /** Why a token is refused before anything is asked about it. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        private final Reason reason;
        private final String message;

        Refused(Reason reason, String message) {
            super(message, null, false, false);
            this.reason = reason;
            this.message = message;
        }

        Reason reason() {
            return reason;
        }

        @Override
        public String getMessage() {
            return message;
        }
    }
}
