package dev.countersign.server.distribution;

import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.Workload;
import dev.countersign.server.audit.RecordsUnavailable;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a set out that turns a workload's last ALLOW into DryRun, compared with what was enforced
 * last, by this server or by the one before it. Used by one thread at a time.
 */
public final class AllowKeeper implements PolicyDirectory.Admission {
    private static final Logger log = LoggerFactory.getLogger(AllowKeeper.class);

    private final AllowRecords records;
    private final OpenGuard guard;
    private final Supplier<List<Workload>> connected;
    private final boolean open;
    private @Nullable List<EnforcedAllow> recorded;

    /**
     * @param connected whose agents have a stream now
     * @param open whether every set may follow, whatever it opens
     */
    public AllowKeeper(
            AllowRecords records,
            MeshSettings mesh,
            Supplier<List<Workload>> connected,
            boolean open) {
        this.records = records;
        this.guard = new OpenGuard(mesh);
        this.connected = connected;
        this.open = open;
    }

    @Override
    public Optional<String> refusal(MeshPolicies next) {
        try {
            return OpenGuard.refusal(doors(next));
        } catch (RecordsUnavailable unavailable) {
            return Optional.of("what was in force cannot be told now: " + unavailable.getMessage());
        }
    }

    /**
     * Which policies of a set would leave workloads without an ALLOW, unasked.
     *
     * @throws RecordsUnavailable when what was in force cannot be told now
     */
    List<OpenGuard.Door> doors(MeshPolicies next) {
        return open
                ? List.of()
                : guard.doors(recorded(), next.policies(), next.mayOpen(), connected.get());
    }

    /** A failure is made good at the next look at the directory. */
    @Override
    public void inForce(MeshPolicies now) {
        List<EnforcedAllow> allows = EnforcedAllow.of(now.policies());
        if (allows.equals(recorded)) {
            return;
        }
        try {
            records.enforce(allows);
            recorded = allows;
        } catch (RecordsUnavailable unavailable) {
            log.atWarn()
                    .addKeyValue("cause", unavailable.getMessage())
                    .log("enforced ALLOW policies are not on record yet");
        }
    }

    private List<EnforcedAllow> recorded() {
        List<EnforcedAllow> known = recorded;
        if (known == null) {
            known = List.copyOf(records.enforced());
            recorded = known;
        }
        return known;
    }
}
