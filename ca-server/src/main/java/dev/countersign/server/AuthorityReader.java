package dev.countersign.server;

import dev.countersign.runtime.ConfigReader;
import dev.countersign.server.authority.upstream.vault.VaultSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Reads {@code authority}: what stands above the intermediates.
 *
 * <pre>{@code
 * authority:
 *   root: imported          # self = made at the first start, in the key store; imported = made elsewhere
 *   issuerLife: 90d         # of an online issuer below an imported root, at most
 *   reminder: 30d           # before the end of what signs here
 *   nameConstraints: false
 *
 * authority:
 *   upstream:
 *     vault:                # signs the intermediates of each server
 *       address: https://vault.example:8200
 *       mount: pki          # of the engine
 *       namespace: team     # default: the root one
 *       tokenFile: vault.token
 *       caFile: vault-ca.pem            # of its TLS; default: the JDK's roots
 *       rootFile: vault-root.pem        # whom verifiers are to believe
 * }</pre>
 */
final class AuthorityReader {
    private static final Duration SHORTEST = Duration.ofDays(7);
    private static final Duration LONGEST = Duration.ofDays(3650);

    private static final String VAULT = "authority.upstream.vault";

    private enum Root {
        SELF,
        IMPORTED
    }

    private final ConfigReader reader;

    AuthorityReader(ConfigReader reader) {
        this.reader = reader;
    }

    AuthorityConfig read() {
        return new AuthorityConfig(
                reader.bool("authority.nameConstraints").orDefault(false),
                reader.enumeration("authority.root", Root.class).orDefault(Root.SELF)
                        == Root.IMPORTED,
                reader.duration("authority.issuerLife", SHORTEST, LONGEST)
                        .orDefault(Duration.ofDays(90)),
                reader.duration("authority.reminder", Duration.ofHours(1), Duration.ofDays(365))
                        .orDefault(Duration.ofDays(30)),
                upstream());
    }

    private Optional<AuthorityConfig.Upstream> upstream() {
        if (!reader.has(VAULT)) {
            return Optional.empty();
        }
        String address = reader.string(VAULT + ".address").required();
        String mount = reader.string(VAULT + ".mount").orDefault("pki");
        Optional<String> namespace = reader.string(VAULT + ".namespace").optional();
        Path token = reader.path(VAULT + ".tokenFile").required();
        Optional<Path> roots = reader.path(VAULT + ".caFile").optional();
        Path root = reader.path(VAULT + ".rootFile").required();
        if (reader.bool("authority.nameConstraints").orDefault(false)) {
            reader.problem(
                    "authority.nameConstraints",
                    "true",
                    "false beside authority.upstream, which decides what it signs");
        }
        try {
            return Optional.of(
                    new AuthorityConfig.Upstream(
                            new VaultSettings(URI.create(address), mount, namespace, token, roots),
                            root));
        } catch (IllegalArgumentException wrong) {
            reader.problem(
                    VAULT, String.valueOf(wrong.getMessage()), "an engine that can be asked");
            return Optional.empty();
        }
    }
}
