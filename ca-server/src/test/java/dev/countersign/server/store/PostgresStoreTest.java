package dev.countersign.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.IssuanceIntent;
import dev.countersign.server.audit.IssuanceLedger.Outcome;
import dev.countersign.server.store.StoreRefused.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PostgresStoreTest extends StoreContract {
    @Override
    Database fresh() throws SQLException {
        return SharedPostgres.fresh(Duration.ofMillis(100));
    }

    @Override
    List<String> lockStatements() {
        return List.of("BEGIN", "LOCK TABLE log_entry IN EXCLUSIVE MODE");
    }

    @Test
    void aServerThatDoesNotFlushIsRefused() throws Exception {
        String url = database.config().url() + "&options=-c%20synchronous_commit=off";
        database = new Database(StoreConfig.of(url, database.config().user(), Optional.empty()));

        // The writer's own options must not hide what the URL asks for.
        assertThatThrownBy(() -> open("one"))
                .isInstanceOfSatisfying(
                        StoreRefused.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.STORE_NOT_DURABLE))
                .hasMessageContaining("synchronous_commit=off (expected: on, on)");
    }

    @Test
    void aLostConnectionFailsTheBatchAndTheNextOneWorks() throws Exception {
        Store store = open("one");
        IssuanceIntent before = intents.next();
        store.auditTrail().intend(before);
        long killed =
                database.number(
                        "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity"
                                + " WHERE application_name = 'countersign' AND query = 'COMMIT'");
        assertThat(killed).isPositive();
        store.auditTrail().issued(before, "00");

        awaitIntent(store);

        awaitOutcome(store.ledger(), before, Outcome.ISSUED);
        assertThat(verify(store).problems()).isEmpty();
    }

    @Test
    void twoServersShareADatabaseWithoutSharingChainsSerialsOrKeys() throws Exception {
        Store one = open("one");
        Store two = open("two");
        String key = intents.hex(32);

        long first = one.auditTrail().intend(intents.of("aa".repeat(20), "web", key));
        long second = two.auditTrail().intend(intents.next("bb".repeat(20), "web"));

        assertThat(second).isNotEqualTo(first);
        assertThatThrownBy(() -> two.auditTrail().intend(intents.of("bb".repeat(20), "guest", key)))
                .isInstanceOf(AuditUnavailable.class);
        assertThatThrownBy(() -> two.auditTrail().intend(intents.next("aa".repeat(20), "web")))
                .isInstanceOf(AuditUnavailable.class)
                .hasMessageContaining("written by process one");
        assertThat(verify(one).problems()).isEmpty();
    }

    @Test
    void aLivingServersIntentsAreNotReconciledAndASilentOnesAre() throws Exception {
        Store one = open("one");
        IssuanceIntent intent = intents.next();
        one.auditTrail().intend(intent);

        Store two = open("two");
        assertThat(outcome(two.ledger(), intent)).isEqualTo(Outcome.INTENDED);
        database.sql("UPDATE process SET heartbeat = heartbeat - 61000 WHERE id = 'one'");
        Store three = open("three");

        assertThat(outcome(three.ledger(), intent)).isEqualTo(Outcome.UNKNOWN);
        one.auditTrail().issued(intent, "00");
        await().untilAsserted(() ->
                assertThat(outcome(three.ledger(), intent)).isEqualTo(Outcome.ISSUED));
        assertThat(verify(three).problems()).isEmpty();
    }

    @Test
    void oneServerClearsAwayForAll() throws Exception {
        Store store = open("one");
        IssuanceIntent intent = intents.next();
        store.auditTrail().intend(intent);
        store.auditTrail().failed(intent, "TEST");
        awaitOutcome(store.ledger(), intent, Outcome.FAILED);
        now.set(intent.notAfter().plus(Duration.ofDays(31)));

        try (Connection leading = database.connect();
                Statement statement = leading.createStatement()) {
            leading.setAutoCommit(false);
            statement.execute(
                    "SELECT pg_try_advisory_xact_lock(1668248163, hashtext(current_schema()))");
            store.upkeep().clear();
            assertThat(database.number("SELECT COUNT(*) FROM certificate")).isEqualTo(1);
            leading.rollback();
        }

        store.upkeep().clear();
        assertThat(database.number("SELECT COUNT(*) FROM certificate")).isZero();
    }

    @Test
    void aDatabaseThatIsNotThereIsRefusedAndThePasswordNotPrinted() {
        database =
                new Database(
                        StoreConfig.of(
                                "jdbc:postgresql://127.0.0.1:1/none",
                                Optional.of("postgres"),
                                Optional.empty()));

        assertThatThrownBy(() -> open("one"))
                .isInstanceOfSatisfying(
                        StoreRefused.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.STORE_UNREACHABLE))
                .hasMessageContaining("127.0.0.1:1/none");
    }
}
