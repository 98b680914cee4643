/**
 * Codecs between the generated messages of {@code countersign.v1} and the model types: the only
 * hand-written code that sees both. Decoding is strict: an unspecified enum, a missing required
 * field or a value out of bounds is a typed refusal, never a default.
 *
 * <p>Start with {@link dev.countersign.wire.FeedCodec} for what agents must know, {@link
 * dev.countersign.wire.BundleCodec} for trust bundles, {@link dev.countersign.wire.PolicyCodec} for
 * policies, {@link dev.countersign.wire.EdgeCodec} for what agents saw, {@link
 * dev.countersign.wire.BootstrapFile} for the file that makes an agent believe its
 * first bundle.
 *
 * <p>What is signed is verified before it is parsed. A message that is not signed breaks off with
 * {@link dev.countersign.wire.MalformedMessage}; whatever must be believed, with {@code
 * trust.TrustRefused}.
 */
@NullMarked
package dev.countersign.wire;

import org.jspecify.annotations.NullMarked;
