/**
 * Codecs between the generated messages of {@code countersign.v1} and the model types: the only
 * hand-written code that sees both. Decoding is strict: an unspecified enum, a missing required
 * field or a value out of bounds is a typed refusal, never a default.
 */
@NullMarked
package dev.countersign.wire;

import org.jspecify.annotations.NullMarked;
