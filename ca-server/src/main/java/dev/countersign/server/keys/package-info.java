/**
 * Where signing keys live, behind the port {@link dev.countersign.server.keys.KeyVault}; one folder
 * per key store, all held to {@code KeyVaultContract}.
 *
 * <p>Start with {@link dev.countersign.server.keys.KeyVault} and {@link
 * dev.countersign.server.keys.SigningKey}: a key signs and cannot be read. To add a store: a folder
 * here, one line in the catalog, and a test that extends the contract.
 *
 * <p>Secrets are in types whose {@code toString} hides them, and arrays that held them are zeroed.
 */
@NullMarked
package dev.countersign.server.keys;

import org.jspecify.annotations.NullMarked;
