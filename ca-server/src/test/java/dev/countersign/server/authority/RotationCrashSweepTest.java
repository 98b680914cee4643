package dev.countersign.server.authority;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditLog.LogEntry;
import dev.countersign.server.audit.IssuanceLedger.Entry;
import dev.countersign.server.audit.IssuanceLedger.Outcome;
import dev.countersign.server.store.Store;
import dev.countersign.server.store.StoreConfig;
import dev.countersign.testing.JarClassPath;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One authority, and one process after the other that issues from it and rotates its root, and is killed
 * by SIGKILL at an exact point: before and after each thing that each step of a rotation does. A few
 * times in each run of the tests; {@code -Dcountersign.sweep=N} kills N times, {@code
 * -Dcountersign.full=true} a thousand times.
 */
final class RotationCrashSweepTest {
    private static final int KILLS =
            Integer.getInteger(
                    "countersign.sweep", Boolean.getBoolean("countersign.full") ? 1000 : 3);
    private static final int FEW = 10;
    private static final Map<String, String> NEXT =
            Map.of(
                    "STABLE", "PREPARED",
                    "PREPARED", "DISTRIBUTING",
                    "DISTRIBUTING", "ACTIVE",
                    "ACTIVE", "DRAINING",
                    "DRAINING", "RETIRING",
                    "RETIRING", "STABLE");

    private final Set<String> signed = new HashSet<>();
    private final SortedMap<String, Integer> killed = new TreeMap<>();
    private final ObjectMapper json = new ObjectMapper();

    private String classPath = "";

    @TempDir Path folder;

    // A thousand kills take longer than the bound that catches a hang elsewhere.
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    @Test
    void whateverStepIsKilledNoCertificateIsUnknownAndNoPhaseIsSkipped() throws Exception {
        classPath = JarClassPath.in(folder);
        run("once");
        List<String> points = points();
        for (int i = 0; i < KILLS; i++) {
            // A few of them, spread over all; many, one after the other as a rotation goes.
            int at = KILLS < FEW ? i * points.size() / KILLS + 2 : i;
            run(points.get(at % points.size()));
        }

        StoreConfig config = StoreConfig.sqlite(folder.resolve("store.db"));
        try (Store store = Store.open(config, InstantSource.system(), "last")) {
            Set<String> logged = logged(store);
            assertThat(logged).containsAll(signed);
            int finished = walk(store);
            assertThat(
                            store.auditVerifier()
                                    .verify(store.certificatesKeptSince(), progress -> {})
                                    .problems())
                    .isEmpty();
            System.out.printf(
                    "killed %d times at %d points; %d certificates given away, %d logged;"
                            + " %d rotations finished%n",
                    KILLS, killed.size(), signed.size(), logged.size(), finished);
        }
    }

    /** What a rotation does, in this order, and the issuing beside it. */
    private static List<String> points() {
        List<String> points = new ArrayList<>();
        for (String phase :
                List.of("PREPARED", "DISTRIBUTING", "ACTIVE", "DRAINING", "RETIRING", "STABLE")) {
            for (String call : List.of("append", "replace")) {
                points.add("before " + call + " " + phase);
                points.add("after " + call + " " + phase);
            }
            if (phase.equals("PREPARED")) {
                points.add("before create PREPARED");
                points.add("after create PREPARED");
            }
        }
        points.addAll(List.of("before intend", "after intend", "after sign"));
        return points;
    }

    /** Every intent once, and none whose outcome is open. */
    private static Set<String> logged(Store store) {
        Set<String> logged = new HashSet<>();
        long before = Long.MAX_VALUE;
        List<Entry> page;
        do {
            page = store.ledger().certificates(Optional.empty(), Optional.empty(), before, 1000);
            for (Entry entry : page) {
                assertThat(logged.add(entry.intent().serial())).as("serial twice").isTrue();
                assertThat(entry.outcome()).isNotEqualTo(Outcome.INTENDED);
                before = entry.sequence();
            }
        } while (!page.isEmpty());
        return logged;
    }

    /**
     * Moves as the log has them: a step that was killed before it was in force is decided anew, for the
     * same epoch, by whoever comes next.
     *
     * @return how many rotations ended
     */
    private int walk(Store store) throws Exception {
        SortedMap<Long, String> byEpoch = new TreeMap<>();
        long before = Long.MAX_VALUE;
        List<LogEntry> page;
        do {
            page =
                    store.auditLog()
                            .entries(
                                    Optional.empty(),
                                    Optional.of(AuditEvent.Type.ROTATION_MOVED.name()),
                                    before,
                                    1000);
            for (LogEntry entry : page) {
                JsonNode facts = json.readTree(entry.body()).path("facts");
                String move = facts.path("from").asText() + " " + facts.path("to").asText();
                String other = byEpoch.putIfAbsent(facts.path("epoch").asLong(), move);
                assertThat(other == null || other.equals(move))
                        .as("two moves to one epoch")
                        .isTrue();
                before = entry.sequence();
            }
        } while (!page.isEmpty());
        String phase = "STABLE";
        int finished = 0;
        for (String move : byEpoch.values()) {
            String from = move.split(" ", -1)[0];
            String to = move.split(" ", -1)[1];
            assertThat(from).as("goes on where it was").isEqualTo(phase);
            boolean madeTheSuccessor = from.equals("PREPARED") && to.equals("PREPARED");
            assertThat(madeTheSuccessor || to.equals(NEXT.get(from))).as(move).isTrue();
            finished += to.equals("STABLE") ? 1 : 0;
            phase = to;
        }
        return finished;
    }

    private void run(String point) throws Exception {
        Process child =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                // Made by the one process that ends by itself: others start faster.
                                "-XX:+AutoCreateSharedArchive",
                                "-XX:SharedArchiveFile=" + folder.resolve("classes.jsa"),
                                "-Xlog:disable",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                classPath,
                                RotatingServer.class.getName(),
                                folder.toString(),
                                point + " " + killed.values().stream().mapToInt(n -> n).sum(),
                                point)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            BufferedReader out = child.inputReader();
            String line = out.readLine();
            while (line != null && !line.startsWith("here ")) {
                note(line);
                line = out.readLine();
            }
            assertThat(line != null || point.equals("once")).as(point + ": ended").isTrue();
        } finally {
            // By its handle: the process itself would close its output unread.
            child.toHandle().destroyForcibly();
            child.waitFor();
        }
        List<String> rest = child.inputReader().lines().toList();
        rest.subList(0, Math.max(0, rest.size() - 1)).forEach(this::note);
        if (!point.equals("once")) {
            killed.merge(point, 1, Integer::sum);
        }
    }

    private void note(String line) {
        assertThat(line).doesNotStartWith("fault ");
        if (line.startsWith("signed ")) {
            assertThat(signed.add(line.substring("signed ".length()))).isTrue();
        }
    }
}
