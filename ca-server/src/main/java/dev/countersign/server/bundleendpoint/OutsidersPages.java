package dev.countersign.server.bundleendpoint;

import dev.countersign.server.authority.BundlePublisher;
import java.time.Duration;

/**
 * What outsiders read.
 *
 * @param bundles the bundle in force
 * @param refreshHint how often a reader of the bundle should look
 * @param revoked the list
 */
public record OutsidersPages(BundlePublisher bundles, Duration refreshHint, RevocationList revoked)
        implements BundleEndpoint.Pages {
    @Override
    public byte[] bundle() {
        return SpiffeBundle.encode(bundles.bundle(), refreshHint);
    }

    @Override
    public byte[] revocations() {
        return revoked.current();
    }
}
