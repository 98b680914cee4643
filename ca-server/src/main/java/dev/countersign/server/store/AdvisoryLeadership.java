package dev.countersign.server.store;

import dev.countersign.server.authority.Leadership;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lead is a lock of the database's, held by a connection of its own: it ends with the connection,
 * so with the process. Who lost it without noticing does no harm: what it does is compared with the
 * epoch.
 */
final class AdvisoryLeadership implements Leadership, AutoCloseable {
    /** "countersign" has eleven letters; these are the first eight. */
    private static final long LOCK = 0x636f756e74657273L;

    private static final int CHECK_SECONDS = 2;
    private static final Logger LOG = LoggerFactory.getLogger(AdvisoryLeadership.class);

    private final DataSource source;
    private @Nullable Connection holder;

    AdvisoryLeadership(DataSource source) {
        this.source = source;
    }

    @Override
    public synchronized boolean lead() {
        try {
            Connection held = holder;
            if (held != null && held.isValid(CHECK_SECONDS)) {
                return true;
            }
            close();
            return take();
        } catch (SQLException e) {
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("cannot lead now");
            close();
            return false;
        }
    }

    @Override
    public synchronized void close() {
        Connection held = holder;
        holder = null;
        if (held != null) {
            try {
                held.close();
            } catch (SQLException e) {
                LOG.atDebug().addKeyValue("reason", e.getMessage()).log("lead given up");
            }
        }
    }

    private boolean take() throws SQLException {
        Connection connection = source.getConnection();
        boolean taken = false;
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT pg_try_advisory_lock(?)")) {
            statement.setLong(1, LOCK);
            try (ResultSet rows = statement.executeQuery()) {
                taken = rows.next() && rows.getBoolean(1);
            }
        } finally {
            if (!taken) {
                connection.close();
            }
        }
        if (taken) {
            holder = connection;
            LOG.atInfo().log("leading");
        }
        return taken;
    }
}
