package dev.countersign.server.store;

import dev.countersign.server.store.StoreRefused.Reason;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/** Brings the tables to this version; refuses those of a newer one. */
final class Schema {
    private static final String LOCATION = "classpath:dev/countersign/server/store/migration";

    private Schema() {}

    static void migrate(Dialect dialect, DataSource writers) throws StoreRefused {
        try {
            Flyway.configure()
                    .dataSource(writers)
                    .locations(LOCATION)
                    .placeholders(dialect.placeholders())
                    .table("schema_history")
                    // Without this, tables of a newer version would pass.
                    .ignoreMigrationPatterns(new String[0])
                    .cleanDisabled(true)
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw new StoreRefused(
                    Reason.STORE_SCHEMA,
                    "store %s: tables do not fit this version: %s"
                            .formatted(dialect.describe(), firstLine(e)),
                    e);
        }
    }

    private static String firstLine(FlywayException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
