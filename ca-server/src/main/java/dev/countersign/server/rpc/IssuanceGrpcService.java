package dev.countersign.server.rpc;

import dev.countersign.server.attestation.BearerToken;
import dev.countersign.server.attestation.Evidence;
import dev.countersign.server.audit.RecordsUnavailable;
import dev.countersign.server.authority.BundlePublisher;
import dev.countersign.server.issuance.IssuanceCommand;
import dev.countersign.server.issuance.IssuancePipeline;
import dev.countersign.server.issuance.IssuanceRefused;
import dev.countersign.server.issuance.IssuedSvid;
import dev.countersign.wire.BundleCodec;
import dev.countersign.wire.Timestamps;
import dev.countersign.wire.v1.GetTrustBundleRequest;
import dev.countersign.wire.v1.GetTrustBundleResponse;
import dev.countersign.wire.v1.IssuanceServiceGrpc;
import dev.countersign.wire.v1.IssueCertificateRequest;
import dev.countersign.wire.v1.IssueCertificateResponse;
import dev.countersign.wire.v1.RefreshWindow;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decodes, asks the pipeline, encodes. */
final class IssuanceGrpcService extends IssuanceServiceGrpc.IssuanceServiceImplBase {
    private static final Logger LOG = LoggerFactory.getLogger(IssuanceGrpcService.class);
    private static final int PROTOCOL_VERSION = 1;

    private final IssuancePipeline pipeline;
    private final BundlePublisher bundles;
    private final InstantSource clock;

    IssuanceGrpcService(IssuancePipeline pipeline, BundlePublisher bundles, InstantSource clock) {
        this.pipeline = pipeline;
        this.bundles = bundles;
        this.clock = clock;
    }

    @Override
    public void issueCertificate(
            IssueCertificateRequest request, StreamObserver<IssueCertificateResponse> answer) {
        if (request.getProtocolVersion() != PROTOCOL_VERSION) {
            answer.onError(protocolVersion(request.getProtocolVersion()));
            return;
        }
        Evidence evidence =
                new Evidence(
                        new BearerToken(request.getToken()),
                        PeerIdentity.current(),
                        PeerIdentity.address());
        try {
            IssuedSvid issued =
                    pipeline.issue(new IssuanceCommand(evidence, request.getCsr().toByteArray()));
            answer.onNext(response(issued));
            answer.onCompleted();
        } catch (IssuanceRefused refused) {
            answer.onError(StatusMapping.toStatus(refused));
        }
    }

    @Override
    public void getTrustBundle(
            GetTrustBundleRequest request, StreamObserver<GetTrustBundleResponse> answer) {
        GetTrustBundleResponse.Builder found =
                GetTrustBundleResponse.newBuilder()
                        .setBundle(BundleCodec.toMessage(bundles.signedBundle()))
                        .setServerTime(Timestamps.encode(clock.instant()));
        try {
            bundles.handovers().forEach(one -> found.addHandovers(BundleCodec.toMessage(one)));
        } catch (RecordsUnavailable unavailable) {
            // Only who slept through a rotation of the bundle-signing key misses them, and asks
            // again.
            LOG.atWarn()
                    .addKeyValue("reason", unavailable.getMessage())
                    .log("bundle given without handovers");
        }
        answer.onNext(found.build());
        answer.onCompleted();
    }

    private IssueCertificateResponse response(IssuedSvid issued) {
        return IssueCertificateResponse.newBuilder()
                .addAllCertificateChain(ChainMessage.of(issued.chain()))
                .setBundle(BundleCodec.toMessage(bundles.signedBundle()))
                .setRefresh(
                        RefreshWindow.newBuilder()
                                .setNotBefore(Timestamps.encode(issued.refresh().notBefore()))
                                .setNotAfter(Timestamps.encode(issued.refresh().notAfter())))
                .setServerTime(Timestamps.encode(clock.instant()))
                .build();
    }

    private static io.grpc.StatusRuntimeException protocolVersion(int version) {
        return StatusMapping.refusal(
                Status.Code.INVALID_ARGUMENT,
                "REQUEST_PROTOCOL_VERSION",
                "protocol_version: " + version + " (expected: " + PROTOCOL_VERSION + ")",
                Duration.ZERO);
    }
}
