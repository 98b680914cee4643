package dev.countersign.server;

import dev.countersign.server.authority.upstream.vault.VaultSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What stands above the intermediates of a server.
 *
 * @param nameConstraints whether intermediates are kept to the trust domain by one
 * @param imported whether roots are made elsewhere and brought in; else the first start makes one
 * @param issuerLife an online issuer is asked for, and may live, for so long
 * @param reminder so long before the end of what signs here health begins to say so
 * @param upstream who signs the intermediates, when a root here does not
 */
public record AuthorityConfig(
        boolean nameConstraints,
        boolean imported,
        Duration issuerLife,
        Duration reminder,
        Optional<Upstream> upstream) {
    /**
     * A PKI engine of Vault or OpenBao.
     *
     * @param rootFile PEM, the root that verifiers are to believe
     */
    public record Upstream(VaultSettings vault, Path rootFile) {}
}
