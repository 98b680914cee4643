package dev.countersign.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.server.audit.AuditVerifier.Progress;
import dev.countersign.server.audit.IssuanceLedger;
import dev.countersign.server.audit.IssuanceLedger.Entry;
import dev.countersign.server.audit.IssuanceLedger.Outcome;
import dev.countersign.server.store.StoreRefused.Reason;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real processes, killed by SIGKILL at chosen points; what they acknowledged must be there. */
final class CrashTest {
    private static final int FOREVER = 1_000_000;

    @TempDir Path directory;
    private final List<Process> children = new ArrayList<>();

    @AfterEach
    void killAll() {
        children.forEach(Process::destroyForcibly);
    }

    @Test
    void killedBetweenIntentAndSignatureTheIntentIsUnknownAfterTheRestart() throws Exception {
        Process child = start("one", 1, 3);
        List<String> lines = readUntil(child, "waiting", 1);
        assertThatThrownBy(() -> open("two"))
                .isInstanceOfSatisfying(
                        StoreRefused.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.STORE_IN_USE))
                .hasMessageContaining("process " + child.pid());

        kill(child);

        try (Store store = open("two")) {
            String last = lines.get(lines.size() - 2).substring("intent ".length());
            assertThat(outcomeOf(store.ledger(), last)).isEqualTo(Outcome.UNKNOWN);
            assertThat(
                            store.auditLog()
                                    .entries(
                                            Optional.empty(),
                                            Optional.of("INTENT_RECONCILED"),
                                            Long.MAX_VALUE,
                                            10))
                    .anyMatch(entry -> entry.serial().equals(last));
            assertThat(verify(store).problems()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 700})
    void killedUnderLoadNothingAcknowledgedIsLost(int afterIntents) throws Exception {
        Process child = start("one", 24, FOREVER);
        List<String> lines = readUntil(child, "intent ", afterIntents);
        kill(child);
        lines.addAll(rest(child));
        Set<String> acknowledged = withPrefix(lines, "intent ");
        Set<String> signed = withPrefix(lines, "signed ");

        try (Store store = open("two")) {
            List<Entry> all =
                    store.ledger()
                            .certificates(Optional.empty(), Optional.empty(), Long.MAX_VALUE, 1000);
            for (String serial : acknowledged) {
                assertThat(outcomeOf(store.ledger(), serial))
                        .as(serial)
                        .isIn(Outcome.ISSUED, Outcome.UNKNOWN);
            }
            assertThat(signed).isSubsetOf(acknowledged);
            assertThat(all).noneMatch(entry -> entry.outcome() == Outcome.INTENDED);
            assertThat(all).extracting(entry -> entry.intent().serial()).doesNotHaveDuplicates();
            assertThat(verify(store).problems()).isEmpty();
        }
    }

    private Process start(String processId, int threads, int signatures) throws Exception {
        Process child =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                CrashingServer.class.getName(),
                                directory.resolve("store.db").toString(),
                                processId,
                                Integer.toString(threads),
                                Integer.toString(signatures))
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        children.add(child);
        return child;
    }

    private static List<String> readUntil(Process child, String prefix, int times)
            throws Exception {
        List<String> lines = new ArrayList<>();
        BufferedReader out = child.inputReader();
        for (int seen = 0; seen < times; ) {
            String line = out.readLine();
            assertThat(line).as("the child stopped by itself").isNotNull();
            lines.add(line);
            seen += line.startsWith(prefix) ? 1 : 0;
        }
        return lines;
    }

    private static List<String> rest(Process child) {
        List<String> lines = child.inputReader().lines().toList();
        // The last line may be cut in the middle.
        return lines.isEmpty() ? lines : lines.subList(0, lines.size() - 1);
    }

    /** SIGKILL; by its handle, because the process itself would close its output unread. */
    private static void kill(Process child) throws InterruptedException {
        assertThat(child.toHandle().destroyForcibly()).isTrue();
        child.waitFor();
    }

    private static Set<String> withPrefix(List<String> lines, String prefix) {
        Set<String> found = new HashSet<>();
        for (String line : lines) {
            if (line.startsWith(prefix)) {
                assertThat(found.add(line.substring(prefix.length()))).isTrue();
            }
        }
        return found;
    }

    private Store open(String processId) throws StoreRefused {
        return Store.open(
                StoreConfig.sqlite(directory.resolve("store.db")),
                InstantSource.system(),
                processId);
    }

    private static Outcome outcomeOf(IssuanceLedger ledger, String serial) {
        return ledger.bySerial(Intents.ISSUER, serial).orElseThrow().outcome();
    }

    private static Progress verify(Store store) {
        return store.auditVerifier().verify(store.certificatesKeptSince(), progress -> {});
    }
}
