/**
 * One question of the API server and its answer: {@code AdmissionReview} of {@code
 * admission.k8s.io/v1}, and no other version.
 *
 * <p>{@link dev.countersign.server.admission.review.ReviewReader} reads bytes strictly into a {@link
 * dev.countersign.server.admission.review.ReviewRequest}; a {@link
 * dev.countersign.server.admission.review.Reviewer} answers with a {@link
 * dev.countersign.server.admission.review.ReviewAnswer}; {@link
 * dev.countersign.server.admission.review.ReviewWriter} prints it. A request that cannot be read has
 * no uid to answer to: that is an HTTP error, and the API server then does what the webhook's {@code
 * failurePolicy} says.
 */
@NullMarked
package dev.countersign.server.admission.review;

import org.jspecify.annotations.NullMarked;
