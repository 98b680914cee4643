package dev.countersign.server.issuance;

import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.audit.RecordsUnavailable;
import dev.countersign.server.authority.AuthorityRefused;
import dev.countersign.server.issuance.IssuanceRefused.Kind;
import dev.countersign.server.operators.OperatorGrant;
import dev.countersign.server.operators.OperatorRefused;
import dev.countersign.server.operators.Operators;
import dev.countersign.server.revocation.IssuanceBlocks;
import dev.countersign.server.x509.CertificateRequest;
import dev.countersign.server.x509.CsrParser;
import dev.countersign.server.x509.CsrRefused;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Issues operators' certificates, for the admin socket: the Issue path with the role table in the
 * place of attestation. Names and role come from the table, the key and nothing else from the
 * request; lint, log, signature and verification are {@link ReservedNameIssuer}'s. Thread-safe;
 * blocks while the intent becomes durable.
 */
public final class OperatorIssuance {
    public static final Duration SHORTEST_LIFE = Duration.ofMinutes(5);
    public static final Duration LONGEST_LIFE = Duration.ofHours(24);

    private static final Duration RETRY_SOON = Duration.ofSeconds(1);

    private final Operators operators;
    private final CsrParser csrParser;
    private final IssuanceRules rules;
    private final IssuanceBlocks blocks;
    private final ReservedNameIssuer issuer;
    private final AuditTrail audit;
    private final InstantSource clock;

    /**
     * @param issuer for the purpose of operators, of the lives above
     */
    public OperatorIssuance(
            Operators operators,
            CsrParser csrParser,
            IssuanceRules rules,
            IssuanceBlocks blocks,
            ReservedNameIssuer issuer,
            AuditTrail audit,
            InstantSource clock) {
        this.blocks = blocks;
        this.operators = operators;
        this.csrParser = csrParser;
        this.rules = rules;
        this.issuer = issuer;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Issues one.
     *
     * @throws IssuanceRefused when nothing was issued; recorded already
     */
    public IssuedOperator issue(OperatorCommand command) throws IssuanceRefused {
        try {
            OperatorGrant grant = operators.grant(command.name(), command.role());
            refuseRevoked(grant);
            checkLife(command.life());
            CertificateRequest request = csrParser.parse(command.csr());
            return issue(rules.approve(grant, request), command.life());
        } catch (OperatorRefused refused) {
            throw recorded(command, forbidden(refused));
        } catch (CsrRefused refused) {
            throw recorded(command, invalid(refused.reason().name(), refused));
        } catch (IssuanceRefused refused) {
            throw recorded(command, refused);
        } catch (RecordsUnavailable unavailable) {
            throw unavailable("LOG_UNAVAILABLE", "the log cannot be read now");
        }
    }

    private IssuedOperator issue(ApprovedOperator approved, Duration life) throws IssuanceRefused {
        Instant now = clock.instant();
        try {
            List<X509Certificate> chain =
                    issuer.issue(
                            approved.grant().id(),
                            approved.request().subjectPublicKeyInfo(),
                            life,
                            now);
            return new IssuedOperator(approved.grant(), chain);
        } catch (ReservedNameRefused refused) {
            throw translated(refused);
        } catch (AuthorityRefused refused) {
            throw unavailable("AUTHORITY_" + refused.reason(), "no authority can sign now");
        }
    }

    private void refuseRevoked(OperatorGrant grant) throws IssuanceRefused {
        Optional<IssuanceBlocks.Block> block = blocks.blocked(grant.id(), "", Optional.empty());
        if (block.isPresent()) {
            throw new IssuanceRefused(
                    Kind.FORBIDDEN,
                    block.get().reason().name(),
                    block.get().message(),
                    Duration.ZERO);
        }
    }

    private static void checkLife(Duration life) throws IssuanceRefused {
        if (life.compareTo(SHORTEST_LIFE) < 0 || life.compareTo(LONGEST_LIFE) > 0) {
            throw new IssuanceRefused(
                    Kind.INVALID,
                    "OPERATOR_LIFE",
                    "life: " + life + " (expected: " + SHORTEST_LIFE + " to " + LONGEST_LIFE + ")",
                    Duration.ZERO);
        }
    }

    private static IssuanceRefused translated(ReservedNameRefused refused) {
        return switch (refused.reason()) {
            case AUTHORITY_EXPIRING ->
                    unavailable("AUTHORITY_EXPIRING", String.valueOf(refused.getMessage()));
            case LOG_UNAVAILABLE ->
                    unavailable("LOG_UNAVAILABLE", "the log cannot be written, nothing was signed");
            case KEY_UNAVAILABLE ->
                    unavailable("SIGNING_KEY_UNAVAILABLE", "the signing key cannot be used now");
            case LINT_REFUSED, NOT_BELIEVED ->
                    new IssuanceRefused(
                            Kind.INTERNAL,
                            "INTERNAL_" + refused.reason(),
                            String.valueOf(refused.getMessage()),
                            Duration.ZERO);
        };
    }

    private IssuanceRefused recorded(OperatorCommand command, IssuanceRefused refused) {
        audit.offer(
                new AuditEvent(
                        AuditEvent.Type.ISSUANCE_REFUSED,
                        clock.instant(),
                        Operators.isName(command.name())
                                ? operators.id(command.name()).toString()
                                : "",
                        Map.of(
                                "reason", refused.reason(),
                                "message", String.valueOf(refused.getMessage()))));
        return refused;
    }

    private static IssuanceRefused forbidden(OperatorRefused refused) {
        return switch (refused.reason()) {
            case OPERATOR_NAME_MALFORMED -> invalid(refused.reason().name(), refused);
            case OPERATOR_WITHOUT_ROLE, OPERATOR_OTHER_ROLE ->
                    new IssuanceRefused(
                            Kind.FORBIDDEN,
                            refused.reason().name(),
                            String.valueOf(refused.getMessage()),
                            Duration.ZERO);
        };
    }

    private static IssuanceRefused invalid(String reason, Exception refused) {
        return new IssuanceRefused(
                Kind.INVALID, reason, String.valueOf(refused.getMessage()), Duration.ZERO);
    }

    private static IssuanceRefused unavailable(String reason, String message) {
        return new IssuanceRefused(Kind.UNAVAILABLE, reason, message, RETRY_SOON);
    }
}
