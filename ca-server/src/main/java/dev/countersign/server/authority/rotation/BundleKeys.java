package dev.countersign.server.authority.rotation;

import java.util.List;
import java.util.Optional;

/**
 * The keys of a bundle.
 *
 * @param signer signs it
 * @param listed whose word counts with readers of this bundle, {@code signer} first
 * @param next announced as the successor
 */
public record BundleKeys(BundleKey signer, List<BundleKey> listed, Optional<BundleKey> next) {
    public BundleKeys {
        listed = List.copyOf(listed);
    }

    static BundleKeys of(BundleKey only) {
        return new BundleKeys(only, List.of(only), Optional.empty());
    }
}
