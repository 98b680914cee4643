package dev.countersign.server.store;

import dev.countersign.server.audit.HashChain;
import dev.countersign.server.audit.HashChain.Head;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The chains this process writes, by name. Owned by the writer thread. */
final class Chains {
    private static final String LAST = "SELECT id, genesis FROM log_chain ORDER BY id DESC LIMIT 1";
    private static final String CREATE =
            """
            INSERT INTO log_chain
              (id, name, process, created, genesis, batches, entries, head, issued, open_from)
            VALUES (?, ?, ?, ?, ?, 0, 0, ?, 0, 0) ON CONFLICT DO NOTHING\
            """;
    private static final String FIND =
            "SELECT id, process, batches, entries, head FROM log_chain WHERE name = ?";
    private static final String ADOPT =
            "UPDATE log_chain SET process = ? WHERE id = ? AND process = ?";
    private static final int ATTEMPTS = 8;

    private final Map<String, ChainState> states = new HashMap<>();
    private final String process;
    private final Processes processes;
    private final InstantSource clock;

    Chains(String process, Processes processes, InstantSource clock) {
        this.process = process;
        this.processes = processes;
        this.clock = clock;
    }

    /** A chain that is to be written; made or taken over in a commit of its own. */
    ChainState writable(WriterSession session, String name) throws SQLException {
        ChainState known = states.get(name);
        if (known != null) {
            return known;
        }
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<ChainState> state = session.transaction(making -> make(making, name));
            if (state.isPresent()) {
                states.put(name, state.get());
                return state.get();
            }
        }
        throw new SQLException("log chain " + name + ": cannot be made");
    }

    /** Looks again where the chains stand; called with every new session, outside a transaction. */
    void reload(WriterSession session) throws SQLException {
        for (ChainState state : states.values()) {
            state.advanceTo(session.transaction(reading -> headOf(reading, state.name())));
        }
    }

    private Optional<ChainState> make(WriterSession session, String name) throws SQLException {
        create(session, name);
        return find(session, name);
    }

    private void create(WriterSession session, String name) throws SQLException {
        long number = 1;
        String previous = "";
        try (ResultSet rows = session.prepare(LAST).executeQuery()) {
            if (rows.next()) {
                number = rows.getLong(1) + 1;
                previous = rows.getString(2);
            }
        }
        String genesis = HashChain.genesis(number, name, previous);
        PreparedStatement statement = session.prepare(CREATE);
        statement.setLong(1, number);
        statement.setString(2, name);
        statement.setString(3, process);
        statement.setLong(4, clock.millis());
        statement.setString(5, genesis);
        statement.setString(6, genesis);
        statement.executeUpdate();
    }

    private Optional<ChainState> find(WriterSession session, String name) throws SQLException {
        PreparedStatement statement = session.prepare(FIND);
        statement.setString(1, name);
        try (ResultSet rows = statement.executeQuery()) {
            if (!rows.next()) {
                return Optional.empty();
            }
            ChainState state = new ChainState(rows.getLong(1), name, head(rows));
            String owner = rows.getString(2);
            boolean own = owner.equals(process) || adopt(session, state, owner);
            return own ? Optional.of(state) : Optional.empty();
        }
    }

    /** A chain of a process that is gone goes on under this one. */
    private boolean adopt(WriterSession session, ChainState state, String owner)
            throws SQLException {
        if (processes.isAlive(session, owner)) {
            throw new SQLException(
                    "log chain %s: written by process %s (expected: %s)"
                            .formatted(state.name(), owner, process));
        }
        PreparedStatement statement = session.prepare(ADOPT);
        statement.setString(1, process);
        statement.setLong(2, state.number());
        statement.setString(3, owner);
        return statement.executeUpdate() == 1;
    }

    private static Head headOf(WriterSession session, String name) throws SQLException {
        PreparedStatement statement = session.prepare(FIND);
        statement.setString(1, name);
        try (ResultSet rows = statement.executeQuery()) {
            if (!rows.next()) {
                throw new SQLException("log chain " + name + ": gone");
            }
            return head(rows);
        }
    }

    private static Head head(ResultSet rows) throws SQLException {
        return new Head(rows.getLong("batches"), rows.getLong("entries"), rows.getString("head"));
    }
}
