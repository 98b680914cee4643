/**
 * {@code countersign inject}: what the webhook does to pods, done to files.
 *
 * <p>The same pure function decides ({@code dev.countersign.server.admission.injection}); here are only
 * the documents around it: streams of YAML or JSON, and where a pod's template is in each kind of
 * workload. What is no workload goes through as it came.
 */
@NullMarked
package dev.countersign.server.cli.inject;

import org.jspecify.annotations.NullMarked;
