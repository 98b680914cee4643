package dev.countersign.agent.svid;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** The last good identity. Readers never block and never see a half-made one. */
public interface SvidSource {
    /** Empty until the first certificate came, and again when the last one has expired. */
    Optional<HeldSvid> current();

    /** Whether the one in use is believed by our own bundle and deny list, as far as is known. */
    default boolean believed() {
        return current().isPresent();
    }

    /**
     * Called with every new identity, on the rotator's thread, in order; at once with the current
     * one when there is one. Must return quickly.
     */
    void onChange(Consumer<HeldSvid> listener);

    /**
     * The root above the certificate is being replaced: renew at a moment before {@code by}, unless
     * the certificate in use leads to another root. Sources that cannot renew ignore it.
     *
     * @param rootKeyId lower-case hex subject key identifier
     */
    default void renewBy(String rootKeyId, Instant by) {}
}
