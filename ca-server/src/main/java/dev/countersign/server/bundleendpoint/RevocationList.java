package dev.countersign.server.bundleendpoint;

import dev.countersign.feed.DenyEntry;
import dev.countersign.server.audit.AuditLog;
import dev.countersign.server.audit.EntryBody;
import dev.countersign.server.authority.AuthorityRing;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.revocation.RevocationRecords;
import dev.countersign.server.revocation.Revocations;
import dev.countersign.server.revocation.Standing;
import dev.countersign.server.x509.CrlAssembler;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The revoked certificates as a list that outsiders understand, signed by the root: made anew when
 * something was revoked or taken back, and before it ends.
 */
public final class RevocationList {
    /** How long a reader may go by a list. */
    static final Duration LIFE = Duration.ofHours(1);

    private static final Logger LOG = LoggerFactory.getLogger(RevocationList.class);
    private static final int PAGE = 1000;

    private final AuthorityRing authority;
    private final Revocations revocations;
    private final RevocationRecords records;
    private final AuditLog log;
    private final InstantSource clock;
    private final Map<String, Optional<BigInteger>> intermediates = new ConcurrentHashMap<>();
    private Made made = new Made(new byte[0], -1, Instant.MIN);

    public RevocationList(
            AuthorityRing authority,
            Revocations revocations,
            RevocationRecords records,
            AuditLog log,
            InstantSource clock) {
        this.authority = authority;
        this.revocations = revocations;
        this.records = records;
        this.log = log;
        this.clock = clock;
    }

    private record Made(byte[] list, long version, Instant renewAt) {}

    /** DER; empty when none can be signed now. */
    public synchronized byte[] current() {
        Instant now = clock.instant();
        if (revocations.version() != made.version() || !now.isBefore(made.renewAt())) {
            try {
                made = make(now);
            } catch (KeyVaultException | RuntimeException e) {
                LOG.atWarn()
                        .addKeyValue("reason", e.toString())
                        .log("revocation list not signed anew, the old one stays to its end");
            }
        }
        return now.isBefore(made.renewAt().plus(LIFE.dividedBy(2))) ? made.list() : new byte[0];
    }

    private Made make(Instant now) throws KeyVaultException {
        long version = revocations.version();
        Instant from = now.truncatedTo(ChronoUnit.SECONDS);
        byte[] list =
                authority.signRevocationList(root ->
                        CrlAssembler.toBeSigned(
                                root,
                                now.toEpochMilli(),
                                from,
                                from.plus(LIFE),
                                entries(root, now)));
        return new Made(list, version, now.plus(LIFE.dividedBy(2)));
    }

    private List<CrlAssembler.Entry> entries(X509Certificate root, Instant now) {
        List<CrlAssembler.Entry> entries = new ArrayList<>();
        for (Standing standing : revocations.standings()) {
            Instant at = standing.revocation().at();
            switch (standing.revocation().target()) {
                case DenyEntry.Identity identity ->
                        records.ofIdentity(identity.id(), now)
                                .forEach(one ->
                                        entries.add(leaf(one.issuerKeyId(), one.serial(), at)));
                case DenyEntry.Pod pod ->
                        revocations.entriesOf(standing.revocation().id()).stream()
                                .map(DenyEntry::target)
                                .filter(DenyEntry.Certificate.class::isInstance)
                                .map(DenyEntry.Certificate.class::cast)
                                .forEach(one ->
                                        entries.add(leaf(one.issuerKeyId(), one.serial(), at)));
                case DenyEntry.Certificate one ->
                        entries.add(leaf(one.issuerKeyId(), one.serial(), at));
                case DenyEntry.Issuer issuer ->
                        intermediate(issuer.keyId())
                                .ifPresent(serial ->
                                        entries.add(
                                                new CrlAssembler.Entry(
                                                        root.getSubjectX500Principal().getEncoded(),
                                                        serial,
                                                        at)));
            }
        }
        return entries;
    }

    private static CrlAssembler.Entry leaf(String issuerKeyId, String serial, Instant at) {
        return new CrlAssembler.Entry(
                CrlAssembler.intermediateName(issuerKeyId), new BigInteger(serial, 16), at);
    }

    /** Its serial is in the log alone; looked up once. */
    private Optional<BigInteger> intermediate(String keyId) {
        return intermediates.computeIfAbsent(keyId, this::find);
    }

    private Optional<BigInteger> find(String keyId) {
        long before = Long.MAX_VALUE;
        while (true) {
            List<AuditLog.LogEntry> page =
                    log.entries(
                            Optional.empty(), Optional.of("INTERMEDIATE_CREATED"), before, PAGE);
            for (AuditLog.LogEntry entry : page) {
                EntryBody.Parsed body = EntryBody.parse(entry.body());
                if (keyId.equals(body.fact("keyId"))) {
                    return Optional.of(new BigInteger(body.fact("serial"), 16));
                }
            }
            if (page.size() < PAGE) {
                return Optional.empty();
            }
            before = page.getLast().sequence();
        }
    }
}
