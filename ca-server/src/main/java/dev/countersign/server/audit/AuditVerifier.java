package dev.countersign.server.audit;

import dev.countersign.server.audit.HashChain.Head;
import dev.countersign.server.audit.HashChain.Link;
import dev.countersign.server.audit.LogRecords.Batch;
import dev.countersign.server.audit.LogRecords.Chain;
import dev.countersign.server.audit.LogRecords.Counts;
import dev.countersign.server.audit.LogRecords.Row;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/**
 * Walks every chain from its genesis to the head it had when the walk began, and compares the
 * certificates table with what the log says. Runs beside writers; entries made meanwhile are left
 * for the next walk.
 */
public final class AuditVerifier {
    private static final int PAGE = 16;

    private final LogRecords records;

    public AuditVerifier(LogRecords records) {
        this.records = records;
    }

    /**
     * How far the walk is.
     *
     * @param problems what is wrong and where, at most {@link Findings#MAX} of them
     */
    public record Progress(long checked, long total, boolean finished, List<String> problems) {
        public Progress {
            problems = List.copyOf(problems);
        }

        public boolean intact() {
            return finished && problems.isEmpty();
        }
    }

    /**
     * Walks the whole log.
     *
     * @param certificatesKeptSince certificates that ended before this may have been cleared away
     * @param progress told after every page
     * @return the last progress, finished
     * @throws RecordsUnavailable when the rows cannot be read
     */
    public Progress verify(Instant certificatesKeptSince, Consumer<Progress> progress) {
        Findings findings = new Findings();
        CertificateCheck certificates =
                new CertificateCheck(records, certificatesKeptSince, findings);
        List<Chain> chains = records.chains();
        long total = chains.stream().mapToLong(chain -> chain.head().entries()).sum();
        Walk walk = new Walk(findings, certificates, progress, total);
        checkGenesis(chains, findings);
        chains.forEach(walk::chain);
        certificates.finish();
        checkCounts(records.counts(), findings);
        return new Progress(walk.checked, total, true, findings.list());
    }

    private static void checkGenesis(List<Chain> chains, Findings findings) {
        String previous = "";
        long number = 1;
        for (Chain chain : chains) {
            if (chain.number() != number) {
                findings.add(
                        "chain number: %d (expected: %d): a chain is missing",
                        chain.number(), number);
                number = chain.number();
            } else if (!chain.genesis().equals(HashChain.genesis(number, chain.name(), previous))) {
                findings.add(
                        "chain %s: genesis differs: renamed, or an earlier chain was replaced",
                        chain.name());
            }
            previous = chain.genesis();
            number++;
        }
    }

    private static void checkCounts(Counts counts, Findings findings) {
        if (counts.entries() != counts.chained()) {
            findings.add(
                    "log rows: %d (expected: %d, by the chains' heads)",
                    counts.entries(), counts.chained());
        }
        if (counts.strayCertificates() != 0) {
            findings.add(
                    "certificates that the log does not know: %d (expected: 0)",
                    counts.strayCertificates());
        }
    }

    /** The state of one walk over all chains. */
    private final class Walk {
        private final Findings findings;
        private final CertificateCheck certificates;
        private final Consumer<Progress> progress;
        private final long total;
        private long checked;

        private Walk(
                Findings findings,
                CertificateCheck certificates,
                Consumer<Progress> progress,
                long total) {
            this.findings = findings;
            this.certificates = certificates;
            this.progress = progress;
            this.total = total;
        }

        private void chain(Chain chain) {
            Head head = new Head(0, 0, chain.genesis());
            while (head.batches() < chain.head().batches()) {
                int limit = (int) Math.min(PAGE, chain.head().batches() - head.batches());
                List<Batch> page = records.batches(chain.number(), head.batches(), limit);
                if (page.isEmpty()) {
                    break;
                }
                for (Batch batch : page) {
                    head = batch(chain, head, batch);
                }
                certificates.check(chain, page);
                progress.accept(new Progress(checked, total, false, findings.list()));
            }
            certificates.endOfChain(chain);
            if (!head.equals(chain.head())) {
                findings.add(
                        "chain %s: ends with batch %d, %d entries, %s (expected: %d, %d, %s)",
                        chain.name(),
                        head.batches(),
                        head.entries(),
                        head.hash(),
                        chain.head().batches(),
                        chain.head().entries(),
                        chain.head().hash());
            }
        }

        private Head batch(Chain chain, Head before, Batch batch) {
            checked += batch.entries().size();
            if (batch.number() != before.batches() + 1) {
                findings.add(
                        "chain %s: batch %d follows %d: batches are missing",
                        chain.name(), batch.number(), before.batches());
                return new Head(
                        batch.number(), before.entries() + batch.entries().size(), batch.hash());
            }
            Head after = before.advance(links(batch));
            if (batch.entries().size() != batch.size()) {
                findings.add(
                        "chain %s batch %d: %d entries (expected: %d)",
                        chain.name(), batch.number(), batch.entries().size(), batch.size());
            } else if (!after.hash().equals(batch.hash())) {
                findings.add(
                        "chain %s batch %d%s: changed: hash %s (expected: %s)",
                        chain.name(), batch.number(), range(batch), after.hash(), batch.hash());
            }
            for (Row row : batch.entries()) {
                columns(chain, row);
            }
            // Go on from the stored hash: one change is one finding, not one for every batch after.
            return new Head(after.batches(), after.entries(), batch.hash());
        }

        private void columns(Chain chain, Row row) {
            try {
                EntryBody.Parsed body = EntryBody.parse(row.body());
                if (!body.text("type").equals(row.type())
                        || !body.text("identity").equals(row.identity())) {
                    findings.add(
                            "chain %s entry %d: columns differ from the body",
                            chain.name(), row.sequence());
                }
            } catch (IllegalArgumentException e) {
                findings.add("chain %s entry %d: %s", chain.name(), row.sequence(), e.toString());
            }
        }

        private List<Link> links(Batch batch) {
            return batch.entries().stream()
                    .map(row -> new Link(row.sequence(), HashChain.entryHash(row.body())))
                    .toList();
        }

        private String range(Batch batch) {
            return batch.entries().isEmpty()
                    ? ""
                    : " (entries %d to %d)"
                            .formatted(
                                    batch.entries().getFirst().sequence(),
                                    batch.entries().getLast().sequence());
        }
    }
}
