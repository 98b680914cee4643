package dev.countersign.agent.subscription;

import java.util.ArrayList;
import java.util.List;

/** Looks into outboxes for tests of other packages. */
public final class Outboxes {
    private Outboxes() {}

    /** Everything that waits, oldest first. */
    public static List<Denial> drain(DenialOutbox outbox) {
        List<Denial> all = new ArrayList<>();
        DenialOutbox.Batch batch = outbox.take();
        while (!batch.isEmpty()) {
            all.addAll(batch.denials());
            batch = outbox.take();
        }
        return all;
    }
}
