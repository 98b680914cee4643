package dev.countersign.policy;

/** One side of a request by which rules can be told apart without trying each. */
sealed interface Facet {

    /** The workload's port. */
    record Port() implements Facet {}

    /**
     * A text.
     *
     * @param fromEnd whether suffixes tell rules apart, rather than whole texts and prefixes
     */
    record Text(Attribute attribute, boolean fromEnd) implements Facet {

        /** Whether the case of ASCII letters does not count. */
        boolean folded() {
            return attribute == Attribute.Plain.HOST;
        }
    }

    /** A claim of the token that holds one text; a list of texts is not told apart. */
    record ClaimText(Claim claim) implements Facet {}

    /** An address. */
    record Address(Matcher.Address.Which which) implements Facet {}

    /** A segment of the peer's identity, in whatever trust domain. */
    enum Segment implements Facet {
        NAMESPACE("/ns/"),
        ACCOUNT("/sa/");

        private final String marker;

        Segment(String marker) {
            this.marker = marker;
        }

        /** What the segment follows. */
        String marker() {
            return marker;
        }
    }
}
