package dev.countersign.server.store;

import dev.countersign.server.audit.HashChain.Head;
import dev.countersign.server.audit.HashChain.Link;
import dev.countersign.server.audit.IssuanceIntent;
import dev.countersign.server.audit.IssuanceLedger.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One commit's worth of entries, in order, each with its number and its place in a chain: worked out
 * before anything is written, applied to the chains' states after.
 */
final class Batch {
    private final Map<String, Part> parts = new LinkedHashMap<>();
    private final List<Numbered> entries = new ArrayList<>();

    /** An entry with its number and chain. */
    record Numbered(Ticket ticket, long sequence, ChainState chain, long batch) {
        /** The entry, when it is an intent. */
        NewEntry.Intent intent() {
            if (ticket.entry() instanceof NewEntry.Intent intent) {
                return intent;
            }
            throw new IllegalStateException("not an intent");
        }
    }

    /** The entries of one chain. */
    static final class Part {
        private final ChainState chain;
        private final List<Numbered> entries = new ArrayList<>();
        private final List<Link> links = new ArrayList<>();
        private long issued;

        private Part(ChainState chain) {
            this.chain = chain;
        }

        ChainState chain() {
            return chain;
        }

        Head next() {
            return chain.head().advance(links);
        }

        long first() {
            return entries.getFirst().sequence();
        }

        long last() {
            return entries.getLast().sequence();
        }

        int size() {
            return entries.size();
        }

        long issued() {
            return issued;
        }
    }

    void add(Ticket ticket, long sequence, ChainState chain) {
        Part part = parts.computeIfAbsent(chain.name(), name -> new Part(chain));
        Numbered numbered = new Numbered(ticket, sequence, chain, chain.head().batches() + 1);
        part.entries.add(numbered);
        part.links.add(new Link(sequence, ticket.entry().body().hash()));
        if (ticket.entry() instanceof NewEntry.Conclusion conclusion
                && conclusion.outcome() == Outcome.ISSUED) {
            part.issued++;
        }
        entries.add(numbered);
    }

    List<Numbered> entries() {
        return entries;
    }

    List<Part> parts() {
        return List.copyOf(parts.values());
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Rows of the certificates table to insert. */
    List<Numbered> intents() {
        return entries.stream()
                .filter(entry -> entry.ticket().entry() instanceof NewEntry.Intent)
                .toList();
    }

    /** Rows of the certificates table that reach this outcome. */
    List<Long> concluded(Outcome outcome) {
        List<Long> rows = new ArrayList<>();
        for (Numbered entry : entries) {
            if (entry.ticket().entry() instanceof NewEntry.Conclusion conclusion
                    && conclusion.outcome() == outcome) {
                Long sequence = entry.chain().openIntent(conclusion.intent().serial());
                if (sequence != null) {
                    rows.add(sequence);
                }
            }
        }
        return rows;
    }

    /** It is in the database: the chains stand behind it now. */
    void apply(Map<ChainState, Head> heads) {
        heads.forEach(ChainState::advanceTo);
        for (Numbered entry : entries) {
            switch (entry.ticket().entry()) {
                case NewEntry.Intent(
                                IssuanceIntent intent,
                                var body,
                                var serial,
                                var key,
                                var rule) ->
                        entry.chain().opened(intent.serial(), entry.sequence());
                case NewEntry.Conclusion(IssuanceIntent intent, var outcome, var body) ->
                        entry.chain().concluded(intent.serial());
                case NewEntry.Event event -> {}
            }
        }
    }
}
