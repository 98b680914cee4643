package dev.countersign.server.attestation.serviceaccount;

import dev.countersign.jwt.StrictJson;
import dev.countersign.server.attestation.AttestationRefused;
import dev.countersign.server.attestation.AttestationRefused.Reason;
import dev.countersign.server.attestation.BearerToken;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a compact JWS (RFC 7515, section 7.1) strictly. Nothing is believed here, and no key is
 * touched: the algorithm is settled first.
 */
final class TokenParser {
    /** Kubernetes' own are near 1 KiB. */
    static final int MAX_LENGTH = 16 * 1024;

    static final int MAX_KEY_ID = 256;

    private TokenParser() {}

    static ParsedToken parse(BearerToken token) throws AttestationRefused {
        String compact = token.reveal();
        if (compact.isEmpty()) {
            throw new AttestationRefused(
                    Reason.TOKEN_MISSING, "token: none (expected: a service-account token)");
        }
        if (compact.length() > MAX_LENGTH) {
            throw new AttestationRefused(
                    Reason.TOKEN_TOO_LARGE,
                    "token: " + compact.length() + " bytes (expected: <= " + MAX_LENGTH + ")");
        }
        int first = compact.indexOf('.');
        int second = compact.indexOf('.', first + 1);
        if (first <= 0 || second < 0 || compact.indexOf('.', second + 1) >= 0) {
            throw malformed("token: not three parts joined by dots");
        }
        Map<String, Object> header = object("header", compact.substring(0, first));
        SignatureAlgorithm algorithm = algorithm(header);
        refuseExtensions(header);
        refuseOtherTypes(header);
        String signature = compact.substring(second + 1);
        decode("signature", signature);
        return new ParsedToken(
                algorithm,
                keyId(header),
                header,
                object("payload", compact.substring(first + 1, second)),
                compact.substring(0, second).getBytes(StandardCharsets.US_ASCII),
                signature);
    }

    private static SignatureAlgorithm algorithm(Map<String, Object> header)
            throws AttestationRefused {
        String name = header.get("alg") instanceof String text ? text : "";
        Optional<SignatureAlgorithm> algorithm = SignatureAlgorithm.named(name);
        if (algorithm.isEmpty()) {
            throw new AttestationRefused(
                    Reason.TOKEN_ALGORITHM,
                    "alg: \""
                            + Shown.of(name)
                            + "\" (expected: one of "
                            + SignatureAlgorithm.EXPECTATION
                            + ")");
        }
        return algorithm.get();
    }

    /** No extension is understood, so none may be critical; {@code b64} would change what is signed. */
    private static void refuseExtensions(Map<String, Object> header) throws AttestationRefused {
        for (String extension : new String[] {"crit", "b64", "zip", "enc"}) {
            if (header.containsKey(extension)) {
                throw new AttestationRefused(
                        Reason.TOKEN_CRITICAL_HEADER,
                        "header: \"" + extension + "\" (expected: no such parameter)");
            }
        }
    }

    private static void refuseOtherTypes(Map<String, Object> header) throws AttestationRefused {
        Object type = header.get("typ");
        boolean plain =
                type == null || (type instanceof String text && text.equalsIgnoreCase("JWT"));
        if (!plain) {
            throw malformed(
                    "typ: \"" + Shown.of(String.valueOf(type)) + "\" (expected: absent, or JWT)");
        }
    }

    private static String keyId(Map<String, Object> header) throws AttestationRefused {
        if (header.get("kid") instanceof String kid
                && !kid.isEmpty()
                && kid.length() <= MAX_KEY_ID) {
            return kid;
        }
        throw new AttestationRefused(
                Reason.TOKEN_UNKNOWN_KEY,
                "kid: absent or odd (expected: 1 to " + MAX_KEY_ID + " characters)");
    }

    private static Map<String, Object> object(String part, String text) throws AttestationRefused {
        try {
            return StrictJson.TOKEN.object(decode(part, text));
        } catch (StrictJson.Invalid e) {
            throw new AttestationRefused(
                    e.isDuplicate() ? Reason.TOKEN_DUPLICATE_CLAIM : Reason.TOKEN_MALFORMED,
                    part + ": " + e.getMessage());
        }
    }

    /**
     * Base64url without padding, spare bits zero (RFC 4648, section 3.5): one spelling only, or one
     * token would have many.
     */
    private static byte[] decode(String part, String text) throws AttestationRefused {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw malformed(part + ": not base64url");
        }
        boolean canonical = !text.isEmpty() && text.indexOf('=') < 0 && spareBits(text) == 0;
        if (!canonical) {
            throw malformed(part + ": not canonical base64url without padding");
        }
        return bytes;
    }

    private static int spareBits(String text) {
        int mask =
                switch (text.length() % 4) {
                    case 2 -> 0x0f;
                    case 3 -> 0x03;
                    default -> 0;
                };
        return value(text.charAt(text.length() - 1)) & mask;
    }

    /** Of a character that the decoder has accepted. */
    private static int value(char c) {
        if (c >= 'A' && c <= 'Z') {
            return c - 'A';
        }
        if (c >= 'a' && c <= 'z') {
            return c - 'a' + 26;
        }
        if (c >= '0' && c <= '9') {
            return c - '0' + 52;
        }
        return c == '-' ? 62 : 63;
    }

    private static AttestationRefused malformed(String message) {
        return new AttestationRefused(Reason.TOKEN_MALFORMED, message);
    }
}
