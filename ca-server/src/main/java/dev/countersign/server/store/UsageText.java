package dev.countersign.server.store;

import dev.countersign.server.authority.rotation.Verifier;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which roots an agent needed, as one text: {@code since,untrusted;root,last,open;…}, − = never. */
final class UsageText {
    private static final String NEVER = "-";

    private UsageText() {}

    static String of(Verifier.Usage usage) {
        StringBuilder text = new StringBuilder();
        text.append(usage.since().toEpochMilli()).append(',').append(millis(usage.lastUntrusted()));
        for (Verifier.Use use : usage.uses()) {
            text.append(';')
                    .append(use.rootKeyId())
                    .append(',')
                    .append(millis(use.last()))
                    .append(',')
                    .append(use.openConnections());
        }
        return text.toString();
    }

    static Optional<Verifier.Usage> usage(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        String[] parts = text.split(";", -1);
        String[] head = parts[0].split(",", -1);
        List<Verifier.Use> uses = new ArrayList<>();
        for (int i = 1; i < parts.length; i++) {
            String[] use = parts[i].split(",", -1);
            uses.add(new Verifier.Use(use[0], instant(use[1]), Long.parseLong(use[2])));
        }
        return Optional.of(
                new Verifier.Usage(
                        Instant.ofEpochMilli(Long.parseLong(head[0])), uses, instant(head[1])));
    }

    private static String millis(Optional<Instant> at) {
        return at.map(Instant::toEpochMilli).map(String::valueOf).orElse(NEVER);
    }

    private static Optional<Instant> instant(String text) {
        return text.equals(NEVER)
                ? Optional.empty()
                : Optional.of(Instant.ofEpochMilli(Long.parseLong(text)));
    }
}
