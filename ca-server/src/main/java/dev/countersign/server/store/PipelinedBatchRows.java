package dev.countersign.server.store;

import dev.countersign.server.audit.HashChain.Head;
import dev.countersign.server.audit.IssuanceLedger.Outcome;
import dev.countersign.server.store.Batch.Numbered;
import dev.countersign.server.store.Batch.Part;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * All statements of a batch in one message, rows as arrays: for PostgreSQL, where each question is a
 * journey. The driver sends what one text holds, the beginning of the transaction included, before it
 * reads an answer; with the commit a batch of any size is two journeys. Arrays, so that the texts,
 * and what is prepared for them, are the same for every size.
 */
final class PipelinedBatchRows implements BatchRows {
    private static final String ROWS =
            """
            INSERT INTO log_entry (sequence, chain, batch, type, identity, body)
              SELECT * FROM unnest(
                ?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[]);
            UPDATE certificate SET outcome = %d WHERE sequence = ANY(?::bigint[]);
            INSERT INTO log_batch (chain, number, size, first, last, hash)
              SELECT * FROM unnest(
                ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::text[]);
            UPDATE log_chain c SET batches = m.batches, entries = m.entries, head = m.head,
                issued = c.issued + m.issued, open_from = m.open_from
              FROM unnest(
                ?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::bigint[], ?::bigint[],
                ?::bigint[], ?::text[])
                AS m (id, batches, entries, head, issued, open_from, was, was_head)
              WHERE c.id = m.id AND c.batches = m.was AND c.head = m.was_head\
            """
                    .formatted(Outcomes.code(Outcome.ISSUED));

    /** The intents come last, so that their two counts do. */
    private static final String ROWS_AND_INTENTS =
            ROWS
                    + """
                    ;
                    INSERT INTO certificate
                        (sequence, chain, serial, identity, not_after, pod, intended, outcome)
                      SELECT *, %d FROM unnest(
                        ?::bigint[], ?::bigint[], ?::bytea[], ?::text[], ?::bigint[], ?::text[],
                        ?::bigint[])
                      ON CONFLICT DO NOTHING;
                    INSERT INTO key_binding (key_hash, sequence)
                      SELECT * FROM unnest(?::bytea[], ?::bigint[]) ON CONFLICT DO NOTHING\
                    """
                            .formatted(Outcomes.code(Outcome.INTENDED));

    private static final String FAILED =
            "UPDATE certificate SET outcome = "
                    + Outcomes.code(Outcome.FAILED)
                    + " WHERE sequence = ANY(?::bigint[])";

    @Override
    public int write(WriterSession session, Batch batch, Map<ChainState, Head> heads)
            throws SQLException {
        List<Long> failed = batch.concluded(Outcome.FAILED);
        if (!failed.isEmpty()) {
            PreparedStatement statement = session.prepare(FAILED);
            statement.setObject(1, longs(failed, Long::longValue));
            statement.executeUpdate();
        }
        List<Numbered> intents = batch.intents();
        PreparedStatement statement = session.prepare(intents.isEmpty() ? ROWS : ROWS_AND_INTENTS);
        Arrays arrays = new Arrays(statement);
        entries(arrays, batch.entries());
        arrays.add(longs(batch.concluded(Outcome.ISSUED), Long::longValue));
        chains(arrays, batch.parts(), heads);
        if (!intents.isEmpty()) {
            intents(arrays, intents);
        }
        List<Integer> counts = counts(statement);
        if (counts.get(3) < batch.parts().size()) {
            throw BatchRows.moved(batch.parts().getFirst().chain());
        }
        return counts.stream().skip(4).mapToInt(Integer::intValue).sum();
    }

    private static void entries(Arrays arrays, List<Numbered> entries) throws SQLException {
        arrays.add(longs(entries, Numbered::sequence));
        arrays.add(longs(entries, row -> row.chain().number()));
        arrays.add(longs(entries, Numbered::batch));
        arrays.add(texts(entries, row -> row.ticket().entry().body().type()));
        arrays.add(texts(entries, row -> row.ticket().entry().body().identity()));
        arrays.add(texts(entries, row -> row.ticket().entry().body().json()));
    }

    private static void chains(Arrays arrays, List<Part> parts, Map<ChainState, Head> heads)
            throws SQLException {
        arrays.add(longs(parts, part -> part.chain().number()));
        arrays.add(longs(parts, part -> BatchRows.head(heads, part).batches()));
        arrays.add(longs(parts, Part::size));
        arrays.add(longs(parts, Part::first));
        arrays.add(longs(parts, Part::last));
        arrays.add(texts(parts, part -> BatchRows.head(heads, part).hash()));

        arrays.add(longs(parts, part -> part.chain().number()));
        arrays.add(longs(parts, part -> BatchRows.head(heads, part).batches()));
        arrays.add(longs(parts, part -> BatchRows.head(heads, part).entries()));
        arrays.add(texts(parts, part -> BatchRows.head(heads, part).hash()));
        arrays.add(longs(parts, Part::issued));
        // As of before this batch: a lower bound is right, and known without looking ahead.
        arrays.add(longs(parts, part -> part.chain().openFrom(part.first())));
        arrays.add(longs(parts, part -> part.chain().head().batches()));
        arrays.add(texts(parts, part -> part.chain().head().hash()));
    }

    private static void intents(Arrays arrays, List<Numbered> intents) throws SQLException {
        arrays.add(longs(intents, Numbered::sequence));
        arrays.add(longs(intents, row -> row.chain().number()));
        arrays.add(bytes(intents, row -> row.intent().serial()));
        arrays.add(texts(intents, row -> row.ticket().entry().body().identity()));
        arrays.add(longs(intents, row -> row.intent().intent().notAfter().toEpochMilli()));
        arrays.add(texts(intents, row -> row.intent().intent().podUid()));
        arrays.add(longs(intents, row -> row.intent().intent().at().toEpochMilli()));
        arrays.add(bytes(intents, row -> row.intent().keyHash()));
        arrays.add(longs(intents, Numbered::sequence));
    }

    private static List<Integer> counts(PreparedStatement statement) throws SQLException {
        List<Integer> counts = new ArrayList<>();
        statement.execute();
        for (int count = statement.getUpdateCount();
                count >= 0;
                count = statement.getUpdateCount()) {
            counts.add(count);
            statement.getMoreResults();
        }
        return counts;
    }

    private static <T> long[] longs(List<T> rows, ToLongFunction<T> column) {
        return rows.stream().mapToLong(column).toArray();
    }

    private static <T> String[] texts(List<T> rows, Function<T, String> column) {
        return rows.stream().map(column).toArray(String[]::new);
    }

    private static <T> byte[][] bytes(List<T> rows, Function<T, byte[]> column) {
        return rows.stream().map(column).toArray(byte[][]::new);
    }

    /** Parameters in the order of the text. */
    private static final class Arrays {
        private final PreparedStatement statement;
        private int next = 1;

        private Arrays(PreparedStatement statement) {
            this.statement = statement;
        }

        private void add(Object array) throws SQLException {
            statement.setObject(next++, array);
        }
    }
}
