package dev.countersign.server.revocation;

import dev.countersign.feed.DenyEntry;
import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.WellKnownIds;
import dev.countersign.server.revocation.RevocationRecords.Certificate;
import dev.countersign.server.revocation.RevocationRefused.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds what an operator means: nothing is denied that nobody has. */
final class Targets {
    /** The longest life an intermediate has, an online issuer's under an offline root included. */
    static final Duration LONGEST_ISSUER = Duration.ofDays(90);

    private static final Pattern SERIAL =
            Pattern.compile("(?:([0-9a-f]{2,128})/)?([1-9a-f][0-9a-f]{0,39})");
    private static final Pattern KEY_ID = Pattern.compile("[0-9a-f]{2,128}");
    private static final Pattern POD_UID = Pattern.compile("[A-Za-z0-9.:-]{1,128}");
    private static final Pattern POD_NAME =
            Pattern.compile("([a-z0-9-]{1,63})/([a-z0-9.-]{1,253})");
    private static final int SHOWN = 80;

    private final RevocationRecords records;

    Targets(RevocationRecords records) {
        this.records = records;
    }

    /**
     * A target and the one entry that names it.
     *
     * @param entryUntil when that entry ends of itself; empty = with the revocation
     * @param named whether agents can apply the target itself
     */
    record Found(DenyEntry.Target target, Optional<Instant> entryUntil, boolean named) {}

    Found find(RevocationOrder.Subject subject, Instant now) throws RevocationRefused {
        return switch (subject) {
            case RevocationOrder.Identity identity -> identity(identity.id());
            case RevocationOrder.Pod pod -> pod(pod.text(), now);
            case RevocationOrder.Serial serial -> serial(serial.text(), now);
            case RevocationOrder.Issuer issuer -> issuer(issuer.keyId(), now);
        };
    }

    private static Found identity(SpiffeId id) throws RevocationRefused {
        if (id.equals(WellKnownIds.caServer(id.trustDomain()))
                || id.equals(WellKnownIds.webhook(id.trustDomain()))) {
            throw new RevocationRefused(
                    Reason.IDENTITY_RESERVED,
                    "identity: "
                            + id
                            + " (expected: another's; without its CA the mesh hears of nothing."
                            + " Where its key is lost, distrust what it is under: --issuer)");
        }
        return new Found(new DenyEntry.Identity(id), Optional.empty(), true);
    }

    private Found pod(String text, Instant now) throws RevocationRefused {
        var name = POD_NAME.matcher(text);
        if (name.matches()) {
            return podByName(name.group(1), name.group(2), now);
        }
        if (!POD_UID.matcher(text).matches()) {
            throw new RevocationRefused(
                    Reason.POD_MALFORMED,
                    "pod: " + shown(text) + " (expected: a UID, or namespace/name)");
        }
        if (!records.isKnownPod(text, now)) {
            throw podUnknown(text);
        }
        return new Found(new DenyEntry.Pod(text), Optional.empty(), false);
    }

    private Found podByName(String namespace, String name, Instant now) throws RevocationRefused {
        List<String> uids = records.podUids(namespace, name, now);
        if (uids.isEmpty()) {
            throw podUnknown(namespace + "/" + name);
        }
        if (uids.size() > 1) {
            throw new RevocationRefused(
                    Reason.POD_AMBIGUOUS,
                    "pod: "
                            + namespace
                            + "/"
                            + name
                            + " was several: "
                            + String.join(", ", uids)
                            + " (expected: one; name its UID)");
        }
        return new Found(new DenyEntry.Pod(uids.getFirst()), Optional.empty(), false);
    }

    private Found serial(String text, Instant now) throws RevocationRefused {
        var parts = SERIAL.matcher(text);
        if (!parts.matches()) {
            throw new RevocationRefused(
                    Reason.SERIAL_MALFORMED,
                    "serial: "
                            + shown(text)
                            + " (expected: lower-case hex without leading zeros, as cert list"
                            + " prints it, or issuer-key-id/serial)");
        }
        String issuer = parts.group(1);
        List<Certificate> found =
                records.bySerial(parts.group(2), now).stream()
                        .filter(one -> issuer == null || one.issuerKeyId().equals(issuer))
                        .toList();
        if (found.isEmpty()) {
            throw new RevocationRefused(
                    Reason.SERIAL_UNKNOWN,
                    "serial: "
                            + text
                            + " (expected: of a certificate of ours that has not ended; countersign"
                            + " cert list)");
        }
        if (found.size() > 1) {
            throw new RevocationRefused(
                    Reason.SERIAL_AMBIGUOUS,
                    "serial: "
                            + text
                            + " was issued by "
                            + String.join(
                                    ", ", found.stream().map(Certificate::issuerKeyId).toList())
                            + " (expected: one; name it as issuer-key-id/serial)");
        }
        Certificate one = found.getFirst();
        return new Found(
                new DenyEntry.Certificate(one.issuerKeyId(), one.serial()),
                Optional.of(one.notAfter()),
                true);
    }

    private Found issuer(String keyId, Instant now) throws RevocationRefused {
        if (!KEY_ID.matcher(keyId).matches()) {
            throw new RevocationRefused(
                    Reason.ISSUER_MALFORMED,
                    "issuer: " + shown(keyId) + " (expected: a key id, lower-case hex)");
        }
        Instant since =
                records.issuerSince(keyId)
                        .orElseThrow(() ->
                                new RevocationRefused(
                                        Reason.ISSUER_UNKNOWN,
                                        "issuer: "
                                                + keyId
                                                + " (expected: an intermediate that has issued"
                                                + " here; a root is distrusted by countersign root"
                                                + " distrust)"));
        Instant end = since.plus(LONGEST_ISSUER);
        Instant least = now.plus(Duration.ofDays(1));
        return new Found(
                new DenyEntry.Issuer(keyId), Optional.of(end.isAfter(least) ? end : least), true);
    }

    private static RevocationRefused podUnknown(String text) {
        return new RevocationRefused(
                Reason.POD_UNKNOWN,
                "pod: "
                        + text
                        + " (expected: one with a certificate that has not ended; to block what has"
                        + " none, revoke its identity)");
    }

    private static String shown(String text) {
        return text.length() > SHOWN
                ? text.length() + " characters"
                : text.replaceAll("\\p{Cntrl}", "?");
    }
}
