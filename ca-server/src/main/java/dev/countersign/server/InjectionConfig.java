package dev.countersign.server;

import dev.countersign.server.admission.injection.InjectionSettings;
import java.util.Optional;

/**
 * How pods are injected.
 *
 * @param settings with native sidecars as of a current API server
 * @param nativeSidecars empty = by the API server's version
 */
public record InjectionConfig(InjectionSettings settings, Optional<Boolean> nativeSidecars) {
    /**
     * As far as an API server goes.
     *
     * @param known whether it has native sidecars
     */
    InjectionSettings settings(boolean known) {
        return settings.withNativeSidecars(nativeSidecars.orElse(known));
    }
}
