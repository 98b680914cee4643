package dev.countersign.policy.analysis;

import dev.countersign.policy.Workload;
import org.jspecify.annotations.Nullable;

/**
 * Requests that were observed: same caller, destination, port, method and path.
 *
 * @param source identity of the caller without its scheme; null: plaintext
 * @param labelled whether the labels of the destination are known
 * @param method null for TCP
 * @param path a path, a prefix or a template for several; null for TCP
 * @param allowed what was decided
 */
public record SeenRequests(
        @Nullable String source,
        Workload destination,
        boolean labelled,
        int port,
        @Nullable String method,
        @Nullable String path,
        boolean allowed,
        long count) {}
