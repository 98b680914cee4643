package dev.countersign.policy.analysis.region;

import java.util.List;

/**
 * Something that holds of a request or does not, and is not looked into: the same fact is the same
 * unknown wherever it is written, and two facts have nothing to do with each other.
 */
public sealed interface Fact {

    /** As it reads after “possible if”. */
    String text();

    /**
     * A claim of the token is there.
     *
     * @param claim names of nested objects, the last one is the claim
     */
    record ClaimPresent(List<String> claim) implements Fact {
        public ClaimPresent {
            claim = List.copyOf(claim);
        }

        @Override
        public String text() {
            return "claim " + String.join(".", claim) + " is present";
        }
    }

    /** A text of the claim, which may be a list, matches a written value. */
    record ClaimText(List<String> claim, String value) implements Fact {
        public ClaimText {
            claim = List.copyOf(claim);
        }

        @Override
        public String text() {
            return "claim " + String.join(".", claim) + " matches " + value;
        }
    }

    /** The claim is a boolean or a number, or has one in its list, whose text matches. */
    record ClaimScalar(List<String> claim, String value) implements Fact {
        public ClaimScalar {
            claim = List.copyOf(claim);
        }

        @Override
        public String text() {
            return "claim "
                    + String.join(".", claim)
                    + " is a boolean or number that matches "
                    + value;
        }
    }

    /** A token with an issuer and a subject is there. */
    record TokenPresent() implements Fact {
        @Override
        public String text() {
            return "a token is present";
        }
    }

    /** Issuer and subject of the token match a written value. */
    record TokenPrincipal(String value) implements Fact {
        @Override
        public String text() {
            return "request principal matches " + value;
        }
    }

    /** A filter noted something under this key. */
    record NotePresent(String key) implements Fact {
        @Override
        public String text() {
            return key + " is present";
        }
    }

    /** What a filter noted matches a written value. */
    record NoteText(String key, String value) implements Fact {
        @Override
        public String text() {
            return key + " matches " + value;
        }
    }

    /** An expression of a rule is true. */
    record Expression(String source) implements Fact {
        @Override
        public String text() {
            return "expression is true: " + source;
        }
    }

    /** An expression of a rule cannot be evaluated. */
    record ExpressionFails(String source) implements Fact {
        @Override
        public String text() {
            return "expression cannot be evaluated: " + source;
        }
    }

    /** An external authorizer says yes. */
    record ProviderAllows(String provider) implements Fact {
        @Override
        public String text() {
            return "provider " + provider + " allows";
        }
    }
}
