package dev.countersign.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.server.audit.IssuanceLedger.Entry;
import dev.countersign.server.audit.IssuanceLedger.Outcome;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One database, and one process after the other that issues from it and is killed by SIGKILL: a
 * thousand times with {@code -Dcountersign.full=true}, else a few. Each is killed at the first, or
 * the n-th, sign of a chosen point: opened, an intent acknowledged, an outcome handed over.
 */
final class CrashSweepTest {
    private static final int KILLS = Boolean.getBoolean("countersign.full") ? 1000 : 4;
    private static final List<String> POINTS = List.of("open", "intent ", "signed ");
    private static final int MOST_AT_A_POINT = 200;

    private final SplittableRandom random = new SplittableRandom(20_261_128L);
    private final Set<String> acknowledged = new HashSet<>();
    private final Set<String> signed = new HashSet<>();

    @TempDir Path directory;

    // A thousand kills take longer than the bound that catches a hang elsewhere.
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    @Test
    void whateverIsKilledEveryCertificateIsLoggedOnce() throws Exception {
        for (int i = 0; i < KILLS; i++) {
            String point = POINTS.get(i % POINTS.size());
            int times = point.equals("open") ? 1 : 1 + random.nextInt(MOST_AT_A_POINT);
            runAndKill("process-" + i, point, times);
        }

        StoreConfig config = StoreConfig.sqlite(directory.resolve("store.db"));
        try (Store store = Store.open(config, InstantSource.system(), "last")) {
            Set<String> logged = new HashSet<>();
            long before = Long.MAX_VALUE;
            List<Entry> page;
            do {
                page =
                        store.ledger()
                                .certificates(Optional.empty(), Optional.empty(), before, 1000);
                for (Entry entry : page) {
                    assertThat(logged.add(entry.intent().serial())).as("serial twice").isTrue();
                    assertThat(entry.outcome()).isIn(Outcome.ISSUED, Outcome.UNKNOWN);
                    before = entry.sequence();
                }
            } while (!page.isEmpty());
            assertThat(logged).containsAll(acknowledged).containsAll(signed);
            assertThat(
                            store.auditVerifier()
                                    .verify(store.certificatesKeptSince(), progress -> {})
                                    .problems())
                    .isEmpty();
        }
    }

    private void runAndKill(String processId, String point, int times) throws Exception {
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
                                "24",
                                "1000000")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            BufferedReader out = child.inputReader();
            for (int seen = 0; seen < times; ) {
                String line = out.readLine();
                assertThat(line).as(processId + " stopped by itself").isNotNull();
                note(line);
                seen += line.startsWith(point) ? 1 : 0;
            }
        } finally {
            // By its handle: the process itself would close its output unread.
            child.toHandle().destroyForcibly();
            child.waitFor();
        }
        List<String> rest = child.inputReader().lines().toList();
        // The last line may be cut in the middle.
        rest.subList(0, Math.max(0, rest.size() - 1)).forEach(this::note);
    }

    private void note(String line) {
        if (line.startsWith("intent ")) {
            assertThat(acknowledged.add(line.substring("intent ".length()))).isTrue();
        } else if (line.startsWith("signed ")) {
            assertThat(signed.add(line.substring("signed ".length()))).isTrue();
        }
    }
}
