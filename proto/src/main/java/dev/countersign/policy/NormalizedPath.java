package dev.countersign.policy;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What became of a request's target. */
public sealed interface NormalizedPath {

    /**
     * The target in its normal form: the proof that it went through {@link PathNormalizer}, which
     * alone can make one.
     */
    final class Ok implements NormalizedPath {

        private final PathNormalizer.Mode mode;
        private final String path;
        private final String target;

        Ok(PathNormalizer.Mode mode, String path, String target) {
            this.mode = mode;
            this.path = path;
            this.target = target;
        }

        /** The mode in which it is normal. */
        public PathNormalizer.Mode mode() {
            return mode;
        }

        /** Without the query: what policies match. */
        public String path() {
            return path;
        }

        /** With the query as it was: what is forwarded. */
        public String target() {
            return target;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Ok ok
                    && mode == ok.mode
                    && path.equals(ok.path)
                    && target.equals(ok.target);
        }

        @Override
        public int hashCode() {
            return Objects.hash(mode, path, target);
        }

        @Override
        public String toString() {
            return target;
        }
    }

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
