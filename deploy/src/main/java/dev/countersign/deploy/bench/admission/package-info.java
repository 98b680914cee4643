/**
 * What a review of an admission webhook costs, and how long it takes at a steady rate: the port with its
 * TLS and the reviewers as the server has them, without an API server between. Run by {@code
 * deploy/bench/admission}.
 */
@NullMarked
package dev.countersign.deploy.bench.admission;

import org.jspecify.annotations.NullMarked;
