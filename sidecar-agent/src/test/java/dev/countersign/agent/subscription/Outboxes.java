package dev.countersign.agent.subscription;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks into outboxes for tests of other packages. */
public final class Outboxes {
    private Outboxes() {}

    /** Everything that waits, oldest first. */
    public static List<Denial> drain(DenialOutbox outbox) {
        List<Denial> all = new ArrayList<>();
        Optional<DenialOutbox.Batch> batch = outbox.next();
        while (batch.isPresent()) {
            all.addAll(batch.get().denials());
            outbox.received(batch.get().sequence());
            batch = outbox.next();
        }
        return all;
    }
}
