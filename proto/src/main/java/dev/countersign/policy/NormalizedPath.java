package dev.countersign.policy;

/** What became of a request's target. */
public sealed interface NormalizedPath {

    /**
     * The target in its normal form.
     *
     * @param path without the query: what policies match
     * @param target with the query as it was: what is forwarded
     */
    record Ok(String path, String target) implements NormalizedPath {}

    /** A target that is answered with 400 and never forwarded. */
    enum Refused implements NormalizedPath {
        /** Holds a NUL, raw or as {@code %00}. */
        NUL,
        /** Neither starts with a slash nor is {@code *}. */
        NOT_ABSOLUTE,
        /** Decoding once spells an escape that the next reader would decode again. */
        AMBIGUOUS_ESCAPE
    }
}
