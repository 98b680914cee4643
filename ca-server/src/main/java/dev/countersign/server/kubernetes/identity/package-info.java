/**
 * What the API server says of the cluster's service-account tokens: their issuer and its keys, and,
 * token by token, whether it believes them. Implements attestation's ports.
 */
@NullMarked
package dev.countersign.server.kubernetes.identity;

import org.jspecify.annotations.NullMarked;
