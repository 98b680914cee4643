package dev.countersign.jwt;

import dev.countersign.jwt.TokenResult.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** {@code exp}, {@code nbf} and {@code iat} (RFC 7519, section 4.1). */
final class TokenTimes {
    private TokenTimes() {}

    static void check(Map<String, Object> claims, Instant now, Duration skew)
            throws ParsedToken.Refused {
        double at = now.toEpochMilli() / 1000.0;
        double slack = skew.toSeconds();
        double expires = seconds("exp", claims, Double.NaN);
        if (Double.isNaN(expires)) {
            throw new ParsedToken.Refused(
                    Reason.EXPIRY_MISSING, "exp: absent (expected: a token that ends)");
        }
        if (at >= expires + slack) {
            throw new ParsedToken.Refused(
                    Reason.EXPIRED, "exp: " + (long) expires + " (expected: after " + now + ")");
        }
        for (String name : new String[] {"nbf", "iat"}) {
            double begins = seconds(name, claims, Double.NEGATIVE_INFINITY);
            if (at + slack < begins) {
                throw new ParsedToken.Refused(
                        Reason.NOT_YET_VALID,
                        name + ": " + (long) begins + " (expected: before " + now + ")");
            }
        }
    }

    private static double seconds(String name, Map<String, Object> claims, double absent)
            throws ParsedToken.Refused {
        Object value = claims.get(name);
        return switch (value) {
            case null -> absent;
            case Long seconds -> seconds;
            case Double seconds -> seconds;
            default ->
                    throw new ParsedToken.Refused(
                            Reason.MALFORMED, name + ": no number (expected: seconds)");
        };
    }
}
