package dev.countersign.server;

import java.time.Duration;

/**
 * What stands above the intermediates of a server.
 *
 * @param nameConstraints whether intermediates are kept to the trust domain by one
 * @param imported whether roots are made elsewhere and brought in; else the first start makes one
 * @param issuerLife an online issuer is asked for, and may live, for so long
 * @param reminder so long before the end of what signs here health begins to say so
 */
public record AuthorityConfig(
        boolean nameConstraints, boolean imported, Duration issuerLife, Duration reminder) {}
