package dev.countersign.policy;

import dev.countersign.policy.match.IpBlock;

/** What a rule asks for in one {@link Facet} of a request. */
sealed interface Key {

    /** This text and no other. */
    record Whole(String text) implements Key {}

    /** A text that begins so, or ends so where the facet is read from the end. */
    record Edge(String text) implements Key {

        /** Any text at all, as long as there is one. */
        static final Edge PRESENT = new Edge("");

        static Edge of(String text) {
            return text.isEmpty() ? PRESENT : new Edge(text);
        }
    }

    /** This port. */
    record OnPort(int port) implements Key {}

    /** An address in this block, which is canonical. */
    record Block(IpBlock block) implements Key {}
}
