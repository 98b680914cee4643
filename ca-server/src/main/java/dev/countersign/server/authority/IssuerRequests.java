package dev.countersign.server.authority;

import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditLog;
import dev.countersign.server.audit.EntryBody;
import java.util.List;
import java.util.Optional;

/** Which key of the vault a certificate was asked for; the log has it. */
@FunctionalInterface
public interface IssuerRequests {
    String KEY = "key";
    String PUBLIC_KEY_SHA256 = "publicKeySha256";

    /**
     * The name of the key in the vault; empty when no request was made for it.
     *
     * @param publicKeyHash lower-case hex SHA-256 of its SubjectPublicKeyInfo
     * @throws dev.countersign.server.audit.RecordsUnavailable when the log cannot be read now
     */
    Optional<String> keyName(String publicKeyHash);

    /** Answered from the log, the newest first. */
    static IssuerRequests logged(AuditLog log) {
        return publicKeyHash -> find(log, publicKeyHash);
    }

    private static Optional<String> find(AuditLog log, String publicKeyHash) {
        int page = 1000;
        long before = Long.MAX_VALUE;
        while (true) {
            List<AuditLog.LogEntry> entries =
                    log.entries(
                            Optional.empty(),
                            Optional.of(AuditEvent.Type.ISSUER_REQUESTED.name()),
                            before,
                            page);
            for (AuditLog.LogEntry entry : entries) {
                EntryBody.Parsed body = EntryBody.parse(entry.body());
                if (publicKeyHash.equals(body.fact(PUBLIC_KEY_SHA256))) {
                    return Optional.of(body.fact(KEY));
                }
            }
            if (entries.size() < page) {
                return Optional.empty();
            }
            before = entries.getLast().sequence();
        }
    }
}
