package dev.countersign.policy.analysis.region;

import dev.countersign.policy.analysis.text.Automata;
import java.util.Comparator;

/** One thing that tells requests apart. */
public sealed interface Dimension {

    /** A fixed order, in which sets of requests are taken apart and printed. */
    Comparator<Dimension> ORDER = Dimension::compare;

    /** Dimensions that every request has. */
    enum Plain implements Dimension {
        PORT("port"),
        METHOD("method"),
        IDENTITY("identity"),
        PATH("path"),
        HOST("host"),
        SOURCE_IP("source ip"),
        REMOTE_IP("remote ip"),
        DESTINATION_IP("destination ip"),
        SNI("sni");

        private final String label;

        Plain(String label) {
            this.label = label;
        }

        @Override
        public String label() {
            return label;
        }
    }

    /**
     * A header.
     *
     * @param name in lower case
     */
    record Header(String name) implements Dimension {
        @Override
        public String label() {
            return "header " + name;
        }
    }

    /** Whether a fact holds. */
    record Opaque(Fact fact) implements Dimension {
        @Override
        public String label() {
            return fact.text();
        }
    }

    /** For people. */
    String label();

    /** All values of it. */
    default ValueSet everything(Automata automata) {
        return switch (this) {
            case Plain plain ->
                    switch (plain) {
                        case PORT -> Ranges.ALL_PORTS;
                        case SOURCE_IP, REMOTE_IP, DESTINATION_IP -> Ranges.ALL_ADDRESSES;
                        case IDENTITY, SNI, METHOD, HOST, PATH ->
                                new Texts(true, automata.everything());
                    };
            case Header header -> new Texts(true, automata.everything());
            case Opaque opaque -> Truth.EITHER;
        };
    }

    private static int compare(Dimension one, Dimension two) {
        if (one instanceof Plain a && two instanceof Plain b) {
            return a.compareTo(b);
        }
        int kinds = Integer.compare(kind(one), kind(two));
        return kinds != 0 ? kinds : one.label().compareTo(two.label());
    }

    private static int kind(Dimension dimension) {
        return switch (dimension) {
            case Plain plain -> 0;
            case Header header -> 1;
            case Opaque opaque -> 2;
        };
    }
}
