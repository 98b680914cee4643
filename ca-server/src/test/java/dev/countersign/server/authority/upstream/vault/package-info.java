/** Tests of the client of Vault's and OpenBao's PKI engine. */
@NullMarked
package dev.countersign.server.authority.upstream.vault;

import org.jspecify.annotations.NullMarked;
