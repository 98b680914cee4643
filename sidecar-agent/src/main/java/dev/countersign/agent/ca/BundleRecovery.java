package dev.countersign.agent.ca;

import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.trust.TrustRefused;
import dev.countersign.wire.BundleCodec;
import dev.countersign.wire.v1.GetTrustBundleRequest;
import dev.countersign.wire.v1.GetTrustBundleResponse;
import dev.countersign.wire.v1.IssuanceServiceGrpc;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the way back when roots or bundle-signing keys changed while this agent slept: fetches the newest bundle from a
 * server that is not believed, and believes the bundle by its signature.
 */
final class BundleRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(BundleRecovery.class);
    private static final int DEADLINE_SECONDS = 5;

    private final CaChannels channels;
    private final BundleSink bundles;

    BundleRecovery(CaChannels channels, BundleSink bundles) {
        this.channels = channels;
        this.bundles = bundles;
    }

    /** Whether a newer bundle is held now than before. */
    boolean fetch() {
        try (CaConnection connection = channels.openUnbelieved(Runnable::run)) {
            GetTrustBundleResponse response =
                    IssuanceServiceGrpc.newBlockingStub(connection.channel())
                            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                            .getTrustBundle(
                                    GetTrustBundleRequest.newBuilder()
                                            .setProtocolVersion(1)
                                            .build());
            List<SignedTrustBundle> handovers = new ArrayList<>();
            for (var handover : response.getHandoversList()) {
                handovers.add(BundleCodec.fromMessage(handover));
            }
            boolean newer = bundles.offer(BundleCodec.fromMessage(response.getBundle()), handovers);
            if (newer) {
                LOG.atInfo()
                        .addKeyValue("server", channels.address())
                        .log("found a newer bundle, believed by its signature");
            }
            return newer;
        } catch (StatusRuntimeException e) {
            LOG.atDebug().addKeyValue("status", e.getStatus().getCode()).log("no bundle fetched");
            return false;
        } catch (TrustRefused e) {
            LOG.atWarn()
                    .addKeyValue("server", channels.address())
                    .addKeyValue("reason", e.getMessage())
                    .log("bundle not believed");
            return false;
        }
    }
}
