package dev.countersign.server.distribution;

import java.util.List;

/**
 * Which ALLOW policies were enforced last: a server that starts has no earlier set to compare with,
 * and would open by a restart what it keeps shut otherwise.
 */
public interface AllowRecords {
    /**
     * In no particular order; none where no server ever had one in force.
     *
     * @throws dev.countersign.server.audit.RecordsUnavailable when it cannot be told now
     */
    List<EnforcedAllow> enforced();

    /**
     * Puts these in the place of those on record.
     *
     * @throws dev.countersign.server.audit.RecordsUnavailable when they are not on record now
     */
    void enforce(List<EnforcedAllow> allows);
}
