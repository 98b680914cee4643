package dev.countersign.server.store;

import dev.countersign.feed.DenyEntry;
import dev.countersign.identity.SpiffeId;

/** Targets of revocations as the tables have them: a number for the kind, and a text. */
final class StoredTargets {
    private static final int IDENTITY = 0;
    private static final int POD = 1;
    private static final int CERTIFICATE = 2;
    private static final int ISSUER = 3;

    private StoredTargets() {}

    static int kind(DenyEntry.Target target) {
        return switch (target) {
            case DenyEntry.Identity identity -> IDENTITY;
            case DenyEntry.Pod pod -> POD;
            case DenyEntry.Certificate certificate -> CERTIFICATE;
            case DenyEntry.Issuer issuer -> ISSUER;
        };
    }

    static String text(DenyEntry.Target target) {
        return switch (target) {
            case DenyEntry.Identity identity -> identity.id().toString();
            case DenyEntry.Pod pod -> pod.uid();
            case DenyEntry.Certificate one -> one.issuerKeyId() + "/" + one.serial();
            case DenyEntry.Issuer issuer -> issuer.keyId();
        };
    }

    /**
     * @throws IllegalArgumentException for a kind of a later version: skipping it would let somebody in
     */
    static DenyEntry.Target target(int kind, String text) {
        return switch (kind) {
            case IDENTITY -> new DenyEntry.Identity(SpiffeId.parse(text));
            case POD -> new DenyEntry.Pod(text);
            case CERTIFICATE -> {
                int slash = text.indexOf('/');
                yield new DenyEntry.Certificate(
                        text.substring(0, slash), text.substring(slash + 1));
            }
            case ISSUER -> new DenyEntry.Issuer(text);
            default ->
                    throw new IllegalArgumentException(
                            "revocation: kind " + kind + " (expected: 0 to 3)");
        };
    }
}
