package dev.countersign.server.admission.review;

/** Answers questions of one path. Called by many threads at once; asks nobody that may hang. */
@FunctionalInterface
public interface Reviewer {
    ReviewAnswer review(ReviewRequest request);
}
