/**
 * The PKI secrets engine of Vault and OpenBao, over HTTPS; start with {@link
 * dev.countersign.server.authority.upstream.vault.VaultPki}.
 *
 * <p>Calls: {@code POST /v1/<mount>/root/sign-intermediate} and {@code POST
 * /v1/<mount>/issue/<role>}, token in {@code X-Vault-Token}. Only https, no redirects, answers of at
 * most 256 KiB, ten seconds for the whole call. The token is read from its file for each call, so an
 * agent that renews it beside us needs no restart.
 */
@NullMarked
package dev.countersign.server.authority.upstream.vault;

import org.jspecify.annotations.NullMarked;
