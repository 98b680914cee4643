package dev.countersign.agent;

import java.util.Optional;

/** What this build calls itself. */
final class Version {
    private Version() {}

    /** From the jar's manifest; "development" outside a jar. */
    static String text() {
        return Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
                .orElse("development");
    }
}
