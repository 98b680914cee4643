package dev.countersign.server.revocation;

import dev.countersign.feed.DenyEntry;
import java.util.List;
import java.util.Optional;

/** What is denied, as people write it. */
public final class Subjects {
    private Subjects() {}

    /** {@code identity spiffe://…}, {@code pod UID}, {@code certificate ISSUER/SERIAL}, {@code issuer KEY}. */
    public static String text(DenyEntry.Target target) {
        return switch (target) {
            case DenyEntry.Identity identity -> "identity " + identity.id();
            case DenyEntry.Pod pod -> "pod " + pod.uid();
            case DenyEntry.Certificate one ->
                    "certificate " + one.issuerKeyId() + "/" + one.serial();
            case DenyEntry.Issuer issuer -> "issuer " + issuer.keyId();
        };
    }

    static String text(RevocationOrder.Subject subject) {
        return switch (subject) {
            case RevocationOrder.Identity identity -> "identity " + identity.id();
            case RevocationOrder.Pod pod -> "pod " + pod.text();
            case RevocationOrder.Serial serial -> "serial " + serial.text();
            case RevocationOrder.Issuer issuer -> "issuer " + issuer.keyId();
        };
    }

    /** The revocation that this subject names. */
    static Optional<Revocation> matching(
            RevocationOrder.Subject subject, List<Standing> standings) {
        return standings.stream()
                .map(Standing::revocation)
                .filter(revocation -> names(subject, revocation.target()))
                .findFirst();
    }

    private static boolean names(RevocationOrder.Subject subject, DenyEntry.Target target) {
        return switch (subject) {
            case RevocationOrder.Identity identity ->
                    target.equals(new DenyEntry.Identity(identity.id()));
            case RevocationOrder.Pod pod ->
                    target instanceof DenyEntry.Pod held && held.uid().equals(pod.text());
            case RevocationOrder.Serial serial ->
                    target instanceof DenyEntry.Certificate held
                            && (held.serial().equals(serial.text())
                                    || (held.issuerKeyId() + "/" + held.serial())
                                            .equals(serial.text()));
            case RevocationOrder.Issuer issuer ->
                    target instanceof DenyEntry.Issuer held && held.keyId().equals(issuer.keyId());
        };
    }
}
