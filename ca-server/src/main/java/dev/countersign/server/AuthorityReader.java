package dev.countersign.server;

import dev.countersign.runtime.ConfigReader;
import java.time.Duration;

/**
 * Reads {@code authority}: what stands above the intermediates.
 *
 * <pre>{@code
 * authority:
 *   root: imported          # self = made at the first start, in the key store; imported = made elsewhere
 *   issuerLife: 90d         # of an online issuer below an imported root, at most
 *   reminder: 30d           # before the end of what signs here
 *   nameConstraints: false
 * }</pre>
 */
final class AuthorityReader {
    private static final Duration SHORTEST = Duration.ofDays(7);
    private static final Duration LONGEST = Duration.ofDays(3650);

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
                        .orDefault(Duration.ofDays(30)));
    }
}
