package dev.countersign.server.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.server.testing.AgentStream;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.testing.Svid;
import dev.countersign.wire.v1.Acknowledgement;
import dev.countersign.wire.v1.BeginRotationRequest;
import dev.countersign.wire.v1.GetRotationRequest;
import dev.countersign.wire.v1.ResumeRotationRequest;
import dev.countersign.wire.v1.RotationBlocker;
import dev.countersign.wire.v1.SubscribeRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose word that a bundle is loaded counts for a rotation, and whose does not. */
final class AcknowledgementE2ETest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String NOT_LOADED = "VERIFIER_NOT_LOADED";

    @TempDir private Path folder;
    private RunningServer server;

    @BeforeEach
    void begin() throws Exception {
        server =
                RunningServer.start(
                        folder,
                        InstantSource.system(),
                        "unsafe: {shortLives: true}",
                        "rotation: {lease: 1s, dwell: 0s, clockSkew: 0s}");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void onlyWordOfTheNewestEpochCounts() {
        AgentStream old = joined("web-0");
        AgentStream future = joined("web-1");
        AgentStream other = joined("web-2");
        long epoch = rotating();

        old.send(loaded(epoch - 3, ""));
        future.send(loaded(epoch + 7, ""));
        other.send(loaded(epoch, "00"));
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(blockers())
                                .extracting(RotationBlocker::getWho, RotationBlocker::getDetail)
                                .satisfiesExactlyInAnyOrder(
                                        one ->
                                                assertThat(one.toString())
                                                        .contains("web-0", "epoch 1 "),
                                        one ->
                                                assertThat(one.toString())
                                                        .contains("web-1", "does not exist here"),
                                        one ->
                                                assertThat(one.toString())
                                                        .contains(
                                                                "web-2", "has said nothing yet")));
        assertThat(phase()).isEqualTo("DISTRIBUTING");
    }

    @Test
    void anOldWordThatIsSaidAgainTakesNothingBack() {
        AgentStream stream = joined("web-0");
        AgentStream other = joined("web-1");
        long epoch = rotating();
        stream.send(loaded(epoch, ""));
        await().atMost(PATIENCE).until(() -> names().equals(List.of("shop/web-1")));

        stream.send(loaded(epoch - 3, ""));

        assertThat(stream.refusal().reason()).isEqualTo("ACKNOWLEDGEMENT_UNTRUE");
        assertThat(names()).contains("shop/web-1");
        other.send(loaded(epoch, ""));
        joined("web-0").send(loaded(epoch, ""));
        await().atMost(PATIENCE).until(() -> !phase().equals("DISTRIBUTING"));
    }

    @Test
    void thePodThatIsGoneIsNotSpokenForByAnother() {
        AgentStream gone = joined("web-0");
        AgentStream other = joined("web-1");
        long epoch = rotating();

        gone.complete();
        other.send(loaded(epoch, ""));

        await().atMost(PATIENCE).until(() -> names().equals(List.of("shop/web-0")));
        assertThat(phase()).isEqualTo("DISTRIBUTING");
    }

    @Test
    void whoHoldsACertificateAndNeverOpenedAStreamIsWaitedForByName() {
        server.svid("shop", "web", "web-7");
        AgentStream other = joined("web-0");
        long epoch = rotating();
        other.send(loaded(epoch, ""));

        await().atMost(PATIENCE).until(() -> names().equals(List.of("shop/web-7")));
        assertThat(blockers())
                .singleElement()
                .satisfies(one ->
                        assertThat(one.getDetail())
                                .contains("holds a certificate and has no stream"));
        assertThat(phase()).isEqualTo("DISTRIBUTING");

        server.admin()
                .resumeRotation(
                        ResumeRotationRequest.newBuilder()
                                .addExclude("shop/web-7")
                                .setReason("no agent there")
                                .build());
        await().atMost(PATIENCE).until(() -> !phase().equals("DISTRIBUTING"));
    }

    private AgentStream joined(String pod) {
        Svid svid = server.svid("shop", "web", pod);
        AgentStream stream = AgentStream.open(server.connect(svid)).send(AgentStream.hello());
        stream.next();
        return stream;
    }

    /** The epoch that verifiers must have loaded. */
    private long rotating() {
        server.admin().beginRotation(BeginRotationRequest.getDefaultInstance());
        await().atMost(PATIENCE).until(() -> phase().equals("DISTRIBUTING"));
        return server.admin().getRotation(GetRotationRequest.getDefaultInstance()).getSinceEpoch();
    }

    private static SubscribeRequest.Builder loaded(long epoch, String hash) {
        return SubscribeRequest.newBuilder()
                .setAcknowledgement(
                        Acknowledgement.newBuilder()
                                .setRevision(1)
                                .setBundleEpoch(epoch)
                                .setBundleHash(hash));
    }

    private String phase() {
        return server.admin().getRotation(GetRotationRequest.getDefaultInstance()).getPhase();
    }

    private List<RotationBlocker> blockers() {
        return server
                .admin()
                .getRotation(GetRotationRequest.getDefaultInstance())
                .getBlockersList()
                .stream()
                .filter(one -> one.getCode().equals(NOT_LOADED))
                .toList();
    }

    private List<String> names() {
        return blockers().stream().map(RotationBlocker::getWho).toList();
    }
}
