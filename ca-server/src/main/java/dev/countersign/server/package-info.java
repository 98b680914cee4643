/**
 * The certificate authority: decides who someone is, and signs it.
 *
 * <p>Where to read:
 *
 * <ul>
 *   <li>{@link dev.countersign.server.CaServer}: the wiring, on one page.
 *   <li>{@code issuance}: from a token to a certificate, ten steps in one method each.
 *   <li>{@code attestation}, {@code x509}, {@code lint}, {@code authority}, {@code keys}: what the
 *       steps use.
 *   <li>{@code audit}: the log that knows of every certificate before it exists; {@code store}: the
 *       databases behind it.
 *   <li>{@code distribution}: what agents must know, pushed and acknowledged.
 *   <li>{@code rpc}: the doors; {@code cli}: the commands.
 * </ul>
 *
 * <p>Only this package sees everything; it decides nothing.
 */
@NullMarked
package dev.countersign.server;

import org.jspecify.annotations.NullMarked;
