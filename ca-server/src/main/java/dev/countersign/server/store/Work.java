package dev.countersign.server.store;

import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.RecordsUnavailable;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A transaction of its own on the writer's connection: everything that is written but the log. */
final class Work<T> implements Queued {
    private final SqlFunction<WriterSession, T> transaction;
    private final CompletableFuture<T> result = new CompletableFuture<>();

    private Work(SqlFunction<WriterSession, T> transaction) {
        this.transaction = transaction;
    }

    /**
     * Has it done, and waits.
     *
     * @throws RecordsUnavailable when it was not done; after a timeout it may still be
     */
    static <T> T perform(
            GroupCommit writer, long nanos, SqlFunction<WriterSession, T> transaction) {
        Work<T> work = new Work<>(transaction);
        try {
            writer.submit(work);
            return work.result.get(nanos, TimeUnit.NANOSECONDS);
        } catch (AuditUnavailable | TimeoutException e) {
            throw new RecordsUnavailable("records cannot be written now: " + e.getMessage(), e);
        } catch (ExecutionException e) {
            throw new RecordsUnavailable("records cannot be written now: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RecordsUnavailable("interrupted while writing records", e);
        }
    }

    /**
     * Runs and commits it. What is wrong with its own data fails it alone.
     *
     * @throws SQLException when the session must be discarded
     */
    void run(WriterSession session) throws SQLException {
        try {
            result.complete(session.transaction(transaction));
        } catch (SQLException e) {
            if (!isAboutData(e)) {
                throw e;
            }
            session.rollback();
            result.completeExceptionally(e);
        } catch (RuntimeException e) {
            session.rollback();
            result.completeExceptionally(e);
        }
    }

    @Override
    public void fail(AuditUnavailable cause) {
        result.completeExceptionally(cause);
    }

    /** SQLState classes 22 (data exception) and 23 (constraint violation). */
    private static boolean isAboutData(SQLException e) {
        String state = e.getSQLState();
        return state != null && (state.startsWith("22") || state.startsWith("23"));
    }
}
