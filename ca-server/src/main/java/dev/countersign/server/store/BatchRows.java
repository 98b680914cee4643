package dev.countersign.server.store;

import dev.countersign.server.audit.HashChain.Head;
import dev.countersign.server.store.Batch.Part;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;

/** Puts the rows of a batch into an open transaction, and moves the heads of its chains. */
interface BatchRows {
    /**
     * Log rows, certificate rows and key bindings of intents, outcomes, one step of each chain.
     *
     * @param heads where each chain of the batch will stand
     * @return how many certificate rows and key bindings were made: two for each intent, less where
     *     one is there already
     * @throws SQLException also when a chain is not where this process left it
     */
    int write(WriterSession session, Batch batch, Map<ChainState, Head> heads) throws SQLException;

    /** The head that a part leads to. */
    static Head head(Map<ChainState, Head> heads, Part part) {
        return Objects.requireNonNull(heads.get(part.chain()), "a part without a head");
    }

    /** Somebody else has written to a chain of ours. */
    static SQLException moved(ChainState chain) {
        return new SQLException(
                "log chain %s: head is not %s any more"
                        .formatted(chain.name(), chain.head().hash()));
    }
}
