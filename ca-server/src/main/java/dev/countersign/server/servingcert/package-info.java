/**
 * The server's own TLS certificate: {@code spiffe://<trust domain>/countersign/ca-server}, the only
 * identity that agents accept of a server.
 *
 * <p>Beside it, where there are webhooks, {@code /countersign/webhook} with DNS names for the
 * Kubernetes API server ({@link dev.countersign.server.servingcert.ServedName}); agents do not accept it.
 *
 * <p>Start with {@link dev.countersign.server.servingcert.ServingCertificate}. The certificate takes
 * the same steps as a workload's: plan, lint (with the one profile that allows this path), an intent
 * made durable, signature, and the verifier that agents run. Its key is new with every certificate
 * and is never written anywhere.
 */
@NullMarked
package dev.countersign.server.servingcert;

import org.jspecify.annotations.NullMarked;
