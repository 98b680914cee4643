/** Where signing keys live, behind the port {@link dev.countersign.server.keys.KeyVault}; one folder per key store. */
@NullMarked
package dev.countersign.server.keys;

import org.jspecify.annotations.NullMarked;
