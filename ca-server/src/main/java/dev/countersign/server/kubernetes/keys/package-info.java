/**
 * A key store in Secrets of the install namespace: {@link
 * dev.countersign.server.kubernetes.keys.SecretKeyVault}, under the contract of all key stores.
 *
 * <p>Secrets are sealed with a passphrase, typed, and immutable. What may read them is in RBAC: the
 * server's own Role in its own namespace, nobody else.
 */
@NullMarked
package dev.countersign.server.kubernetes.keys;

import org.jspecify.annotations.NullMarked;
