package dev.countersign.policy.analysis;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something about a set of policies that its author should know.
 *
 * @param subject the rule, policy or destination it is about
 * @param detail what makes it so, in one sentence without the subject
 * @param related the rules that it has to do with
 * @param places where it is so
 * @param witness a request that shows it, confirmed by the engine; null where there is none to show
 */
public record Finding(
        Code code,
        String subject,
        String detail,
        List<String> related,
        Places places,
        @Nullable Witness witness) {

    public Finding {
        related = List.copyOf(related);
    }

    /** Kinds of findings, with stable names. */
    public enum Code {
        /** No request matches the rule, on HTTP or on TCP. */
        RULE_MATCHES_NOTHING(true),
        /** Other rules of the same action match all that the rule matches. */
        RULE_SHADOWED(true),
        /** DENY rules match all that an ALLOW rule matches. */
        ALLOW_DENIED(true),
        /** The ALLOW policy changes nothing for any workload. */
        ALLOW_WITHOUT_EFFECT(true),
        /** The policy applies to none of the workloads. */
        SELECTS_NOTHING(true),
        /** A caller without an identity is allowed. */
        OPEN_TO_PLAINTEXT(true),
        /** Some request is allowed from any identity of any trust domain. */
        OPEN_TO_ANY_IDENTITY(true),
        /** Some request is allowed from every service account of the mesh. */
        OPEN_TO_WHOLE_MESH(false),
        /** No ALLOW policy applies and the mesh allows by default. */
        OPEN_BY_DEFAULT(true),
        /** No ALLOW policy applies and the mesh denies by default. */
        CLOSED_BY_DEFAULT(false),
        /** An ALLOW rule and a DENY rule match the same request; DENY decides. */
        ALLOW_MEETS_DENY(false),
        /** An ALLOW policy without rules, beside others that allow something. */
        ALLOW_NOTHING_WIDENED(false),
        /** The policy's {@code validUntil} has passed. */
        ENDED(false),
        /** The policy names {@code targetRefs}, which no sidecar takes. */
        NOT_FOR_SIDECARS(false);

        private final boolean bad;

        Code(boolean bad) {
            this.bad = bad;
        }

        /** Whether it is likely a mistake, rather than something to know. */
        public boolean bad() {
            return bad;
        }
    }
}
