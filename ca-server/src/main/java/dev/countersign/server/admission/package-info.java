/**
 * The webhooks that the Kubernetes API server calls: HTTPS with a certificate of our own authority.
 *
 * <p>{@link dev.countersign.server.admission.AdmissionServer} is the port, on Jetty; {@code
 * ReviewHandler} takes one request from bytes to bytes; what is answered comes from the {@link
 * dev.countersign.server.admission.review.Reviewer} of its path: {@code admission.injection} puts agents
 * into pods, {@code admission.policies} keeps wrong policies out.
 *
 * <p>What bounds a call: its body ({@code ReviewReader.MAX_BYTES}), how many connections
 * there are, how many are reviewed at once, and how long one waits for its turn; together well under the 10 s that the
 * API server waits. What cannot be answered is an HTTP error, and the webhook's {@code failurePolicy}
 * decides: for policies it is Fail.
 *
 * <p>The certificate ({@code /countersign/webhook}, DNS names of the Service) is replaced by itself.
 * {@link dev.countersign.server.admission.TrustedRoots} tells the API server beforehand whom to believe:
 * every root of the bundle, so that while roots are replaced both are believed, and the certificate goes
 * over to another root only when that one is.
 */
@NullMarked
package dev.countersign.server.admission;

import org.jspecify.annotations.NullMarked;
