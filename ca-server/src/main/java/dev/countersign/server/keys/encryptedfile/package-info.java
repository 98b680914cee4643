/**
 * Keys in files sealed with a passphrase; start with {@link
 * dev.countersign.server.keys.encryptedfile.EncryptedFileKeyVault}.
 *
 * <p>A file is a few lines of text: name, public key, scrypt parameters, salt, a value that only the
 * right passphrase gives, nonce, the sealed key, and a checksum. Everything above the sealed key is
 * authenticated with it (AES-256-GCM), so a file renamed, or one whose parameters were changed, does
 * not open. The checksum is against accidents and comes first, so that damage is never reported as a
 * wrong passphrase. Keys that one process seals share a salt, so whoever opens them derives once
 * ({@code DerivedKeys}).
 */
@NullMarked
package dev.countersign.server.keys.encryptedfile;

import org.jspecify.annotations.NullMarked;
