package dev.countersign.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.server.testing.OpenSsl;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.testing.MutableClock;
import dev.countersign.wire.v1.BeginRotationRequest;
import dev.countersign.wire.v1.GetRotationRequest;
import dev.countersign.wire.v1.ListRootsRequest;
import dev.countersign.wire.v1.RootRole;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps that one person must not take alone, by the commands that two people type. */
final class ApprovalsE2ETest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern STEP = Pattern.compile("step ([0-9a-f]{64})");

    /** Half a day behind those who approve, by their machine's clock: there is room for a day to pass. */
    private final MutableClock clock = new MutableClock(Instant.now().minus(Duration.ofHours(13)));

    @TempDir private Path folder;
    private RunningServer server;

    /** Of an approval: it ends after now and within a day, by the server's clock. */
    private String life = "1h";

    @BeforeEach
    void begin() throws Exception {
        OpenSsl keys = new OpenSsl(folder.resolve("operators"), "/CN=unused", 1);
        keys.operatorKey("alice");
        keys.operatorKey("bob");
        keys.operatorKey("mallory");
        server =
                RunningServer.start(
                        folder,
                        clock,
                        "unsafe: {shortLives: true}",
                        "rotation: {lease: 1s, dwell: 0s, clockSkew: 0s}",
                        "approvals: {required: 2, operators: {alice: operators/alice.pem,"
                                + " bob: operators/bob.pem}}");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aRootIsDistrustedAndItsKeyDestroyedWhenTwoHaveApprovedEach() {
        String root = signing();
        String[] distrust = {"root", "distrust", root, "--yes", "--reason", "key seen"};

        assertThat(run(1, distrust).err()).contains("AWAITING_APPROVAL", "approved by 0");
        String step = waiting();
        approve(0, step, "alice", "alice");
        assertThat(approve(1, step, "alice", "alice").err()).contains("APPROVAL_REPEATED");
        assertThat(run(1, distrust).err()).contains("approved by 1 [alice]");
        assertThat(approve(1, step, "bob", "mallory").err()).contains("signature");
        approve(0, step, "bob", "bob");
        assertThat(run(0, distrust).out()).contains("is distrusted since epoch");
        assertThat(run(0, "root", "approvals").out()).contains("no step waits");
        assertThat(signing()).isNotEqualTo(root);

        String[] destroy = {"root", "destroy", root, "--yes", "--reason", "key seen"};
        assertThat(run(1, destroy).err()).contains("ROOT_LEAVES_LIVE");
        clock.advance(Duration.ofHours(25));
        life = "20h";
        assertThat(run(1, destroy).err()).contains("AWAITING_APPROVAL", "destroy: approved by 0");
        String second = waiting();
        approve(0, second, "alice", "alice");
        approve(0, second, "bob", "bob");
        assertThat(folder.resolve("data/keys")).isDirectoryContaining("glob:**root-1*");

        assertThat(run(0, destroy).out()).contains("key root-1 of root " + root + " destroyed");

        assertThat(folder.resolve("data/keys")).isDirectoryNotContaining("glob:**root-1*");
        assertThat(server.log("ROOT_DESTROYED"))
                .singleElement()
                .satisfies(entry -> assertThat(entry.toString()).contains(root, "key seen"));
        assertThat(server.log("STEP_APPROVED")).hasSize(2);
        assertThat(run(1, destroy).err()).contains("ROOT_KEY_GONE");
    }

    @Test
    void aRotationWaitsForTwoBeforeAnotherRootSignsAndGoesOnByItself() {
        String root = signing();
        server.admin().beginRotation(BeginRotationRequest.getDefaultInstance());
        await().atMost(PATIENCE)
                .untilAsserted(() -> {
                    clock.advance(Duration.ofSeconds(1));
                    assertThat(run(0, "root", "rotate", "--status").out())
                            .contains("activate: approved by 0", "root approve --step");
                });
        assertThat(phase()).isEqualTo("DISTRIBUTING");
        String step = waiting();
        approve(0, step, "bob", "bob");
        assertThat(phase()).isEqualTo("DISTRIBUTING");

        approve(0, step, "alice", "alice");

        await().atMost(PATIENCE).until(() -> !phase().equals("DISTRIBUTING"));
        assertThat(signing()).isNotEqualTo(root);
    }

    private String signing() {
        return server
                .admin()
                .listRoots(ListRootsRequest.getDefaultInstance())
                .getRootsList()
                .stream()
                .filter(root -> root.getRole() == RootRole.ROOT_ROLE_SIGNING)
                .findFirst()
                .orElseThrow()
                .getKeyId();
    }

    private String phase() {
        return server.admin().getRotation(GetRotationRequest.getDefaultInstance()).getPhase();
    }

    /** The one step that is shown to wait. */
    private String waiting() {
        Matcher found = STEP.matcher(run(0, "root", "approvals").out());
        assertThat(found.find()).isTrue();
        return found.group(1);
    }

    private CommandRun approve(int code, String step, String name, String key) {
        return run(
                code,
                "root",
                "approve",
                "--step",
                step,
                "--name",
                name,
                "--key",
                folder.resolve("operators/" + key + ".key").toString(),
                "--for",
                life);
    }

    private CommandRun run(int code, String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(List.of("--admin", server.adminSocket().toString()));
        CommandRun done = CommandRun.of(all.toArray(String[]::new));
        assertThat(done.code()).as(done.err() + done.out()).isEqualTo(code);
        return done;
    }
}
