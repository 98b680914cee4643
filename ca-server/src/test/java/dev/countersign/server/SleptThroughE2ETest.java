package dev.countersign.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.server.testing.RunningServer;
import dev.countersign.trust.BundleKeeper;
import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.trust.TrustRefused;
import dev.countersign.wire.BootstrapFile;
import dev.countersign.wire.BundleCodec;
import dev.countersign.wire.v1.BeginRotationRequest;
import dev.countersign.wire.v1.GetRotationRequest;
import dev.countersign.wire.v1.GetTrustBundleRequest;
import dev.countersign.wire.v1.GetTrustBundleResponse;
import dev.countersign.wire.v1.IssuanceServiceGrpc;
import dev.countersign.wire.v1.RotationSubject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who holds the bootstrap file of the first day, after the bundle-signing key was rotated twice. */
final class SleptThroughE2ETest {
    @TempDir Path folder;

    @Test
    void theFirstKeyLeadsToTheThird() throws Exception {
        try (RunningServer server =
                RunningServer.start(
                        folder, InstantSource.system(), "rotation: {dwell: 0s, lease: 1s}")) {
            String file = Files.readString(server.bootstrapFile());
            BundleKeeper keeper =
                    new BundleKeeper(
                            BootstrapFile.parse(file), InstantSource.system(), BundleCodec::decode);
            rotateTheKey(server);
            rotateTheKey(server);

            GetTrustBundleResponse found =
                    IssuanceServiceGrpc.newBlockingStub(server.connect())
                            .getTrustBundle(GetTrustBundleRequest.getDefaultInstance());

            SignedTrustBundle newest = BundleCodec.fromMessage(found.getBundle());
            assertThat(refused(keeper, newest)).contains("BUNDLE_UNKNOWN_KEY");
            assertThat(keeper.offer(newest, handovers(found))).isTrue();
            assertThat(keeper.epoch()).isGreaterThan(2);
            assertThat(found.getHandoversCount()).isEqualTo(2);
        }
    }

    private static void rotateTheKey(RunningServer server) {
        server.admin()
                .beginRotation(
                        BeginRotationRequest.newBuilder()
                                .setSubject(RotationSubject.ROTATION_SUBJECT_BUNDLE_KEY)
                                .build());
        await().atMost(Duration.ofSeconds(60))
                .until(() ->
                        server.admin()
                                .getRotation(GetRotationRequest.getDefaultInstance())
                                .getPhase()
                                .equals("STABLE"));
    }

    private static List<SignedTrustBundle> handovers(GetTrustBundleResponse found)
            throws TrustRefused {
        List<SignedTrustBundle> handovers = new ArrayList<>();
        for (var one : found.getHandoversList()) {
            handovers.add(BundleCodec.fromMessage(one));
        }
        return handovers;
    }

    private static String refused(BundleKeeper keeper, SignedTrustBundle bundle) {
        try {
            keeper.offer(bundle);
            return "";
        } catch (TrustRefused refused) {
            return refused.refusal().name();
        }
    }
}
