package dev.countersign.server.attestation.serviceaccount;

import dev.countersign.server.attestation.AttestationRefused;
import dev.countersign.server.attestation.AttestationRefused.Reason;
import java.time.Duration;
import java.time.Instant;

/** Compares claims with the settings and the clock. Pure. */
final class TokenRules {
    private final TokenSettings settings;

    TokenRules(TokenSettings settings) {
        this.settings = settings;
    }

    void check(TokenClaims claims, Instant now) throws AttestationRefused {
        checkAddressing(claims);
        checkTimes(claims, now);
        checkLife(claims);
    }

    private void checkAddressing(TokenClaims claims) throws AttestationRefused {
        if (!claims.issuer().equals(settings.issuer())) {
            throw new AttestationRefused(
                    Reason.TOKEN_WRONG_ISSUER,
                    "iss: \""
                            + Shown.of(claims.issuer())
                            + "\" (expected: "
                            + settings.issuer()
                            + ")");
        }
        if (claims.audiences().stream().noneMatch(settings.audiences()::contains)) {
            throw new AttestationRefused(
                    Reason.TOKEN_WRONG_AUDIENCE,
                    "aud: "
                            + Shown.of(claims.audiences().toString())
                            + " (expected: one of "
                            + settings.audiences()
                            + ")");
        }
    }

    private void checkTimes(TokenClaims claims, Instant now) throws AttestationRefused {
        Instant latestStart = now.plus(settings.clockSkew());
        if (!now.minus(settings.clockSkew()).isBefore(claims.expires())) {
            throw new AttestationRefused(
                    Reason.TOKEN_EXPIRED,
                    "exp: " + claims.expires() + " (expected: after " + now + ")");
        }
        if (claims.notBefore().isAfter(latestStart)) {
            throw new AttestationRefused(
                    Reason.TOKEN_NOT_YET_VALID,
                    "nbf: " + claims.notBefore() + " (expected: <= " + latestStart + ")");
        }
        if (claims.issuedAt().isAfter(latestStart)) {
            throw new AttestationRefused(
                    Reason.TOKEN_NOT_YET_VALID,
                    "iat: " + claims.issuedAt() + " (expected: <= " + latestStart + ")");
        }
    }

    private void checkLife(TokenClaims claims) throws AttestationRefused {
        Duration life = Duration.between(claims.issuedAt(), claims.expires());
        if (!life.isPositive()) {
            throw new AttestationRefused(
                    Reason.TOKEN_MALFORMED,
                    "exp: "
                            + claims.expires()
                            + " (expected: after iat "
                            + claims.issuedAt()
                            + ")");
        }
        if (life.compareTo(settings.maxTokenLife()) > 0) {
            throw new AttestationRefused(
                    Reason.TOKEN_LIVES_TOO_LONG,
                    "exp - iat: " + life + " (expected: <= " + settings.maxTokenLife() + ")");
        }
    }
}
