/**
 * Keys in a PKCS#11 token: a hardware security module, or SoftHSM; start with {@link
 * dev.countersign.server.keys.pkcs11.Pkcs11KeyVault}.
 *
 * <p>The JDK's own SunPKCS11 does the talking. Keys are made in the token, as sensitive and not
 * extractable, and never leave it; beside each lies a certificate that only carries its public key,
 * because the JDK's key store finds no private key without one. Labels begin with a prefix, so that
 * several clusters share a token.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The PIN comes from a file, is read for each log-in and is kept nowhere. A PIN that the
 *       token refused is not tried again by this process: tokens lock themselves after a few.
 *   <li>What the token signed is verified before it is handed out, so a token that was swapped, or
 *       answers nonsense, signs nothing under another key's name.
 *   <li>A token that is gone fails a signature as {@code UNAVAILABLE}; the next one logs in anew.
 * </ol>
 */
@NullMarked
package dev.countersign.server.keys.pkcs11;

import org.jspecify.annotations.NullMarked;
