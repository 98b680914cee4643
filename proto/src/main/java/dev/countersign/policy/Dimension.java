package dev.countersign.policy;

import dev.countersign.policy.index.AddressIndex;
import dev.countersign.policy.index.PortIndex;
import dev.countersign.policy.index.Postings;
import dev.countersign.policy.index.SegmentIndex;
import dev.countersign.policy.index.TextIndex;

/** The rules that a request could match, as one {@link Facet} of it has it. */
sealed interface Dimension {

    /** Looks the request's value up; allocates nothing. */
    Postings candidates(Request request);

    record Ports(PortIndex index) implements Dimension {
        @Override
        public Postings candidates(Request request) {
            return index.find(request.port());
        }
    }

    record Texts(Attribute attribute, TextIndex index) implements Dimension {
        @Override
        public Postings candidates(Request request) {
            return index.find(attribute.of(request));
        }
    }

    /**
     * A claim that may be more than one text.
     *
     * @param all what is proposed then
     */
    record ClaimTexts(Claim claim, TextIndex index, Postings all) implements Dimension {
        @Override
        public Postings candidates(Request request) {
            return switch (claim.of(request)) {
                case null -> index.find(null);
                case String text -> index.find(text);
                case Object other -> all;
            };
        }
    }

    record Segments(SegmentIndex index) implements Dimension {
        @Override
        public Postings candidates(Request request) {
            return index.find(request.sourcePrincipal());
        }
    }

    record Addresses(Matcher.Address.Which which, AddressIndex index) implements Dimension {
        @Override
        public Postings candidates(Request request) {
            return index.find(which.of(request));
        }
    }
}
