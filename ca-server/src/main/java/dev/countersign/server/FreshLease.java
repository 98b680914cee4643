package dev.countersign.server;

import dev.countersign.server.authority.AuthorityRefused;
import dev.countersign.server.authority.AuthorityRefused.Reason;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What is signed at a start. Between reading the journal and signing there may be more than the lease,
 * on a machine that is busy, and another replica may change the phase: then the journal is read once
 * more, and it is tried again.
 */
final class FreshLease {
    private static final int ATTEMPTS = 5;
    private static final Set<Reason> LATE = Set.of(Reason.PHASE_STALE, Reason.ISSUER_RETIRED);

    private FreshLease() {}

    /**
     * @param confirm reads the journal
     * @param work signs
     */
    static <T> T get(Runnable confirm, Supplier<T> work) {
        for (int attempt = 1; ; attempt++) {
            confirm.run();
            try {
                return work.get();
            } catch (RuntimeException refused) {
                if (attempt == ATTEMPTS || !isLate(refused)) {
                    throw refused;
                }
            }
        }
    }

    private static boolean isLate(Throwable refused) {
        for (Throwable cause = refused; cause != null; cause = cause.getCause()) {
            if (cause instanceof AuthorityRefused why && LATE.contains(why.reason())) {
                return true;
            }
        }
        return false;
    }
}
