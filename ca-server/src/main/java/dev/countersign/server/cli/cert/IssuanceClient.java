package dev.countersign.server.cli.cert;

import com.google.protobuf.ByteString;
import dev.countersign.server.cli.BelievedServer;
import dev.countersign.server.cli.Certificates;
import dev.countersign.server.cli.ClientIdentity;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.server.cli.Times;
import dev.countersign.trust.TrustBundle;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import dev.countersign.wire.BundleCodec;
import dev.countersign.wire.v1.ErrorDetail;
import dev.countersign.wire.v1.IssuanceServiceGrpc;
import dev.countersign.wire.v1.IssueCertificateRequest;
import dev.countersign.wire.v1.IssueCertificateResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** One connection to a server that has shown it is the CA. */
final class IssuanceClient implements AutoCloseable {
    private static final int PROTOCOL_VERSION = 1;
    private static final long DEADLINE_SECONDS = 20;
    private static final Metadata.Key<ErrorDetail> ERROR =
            Metadata.Key.of(
                    "countersign-error" + Metadata.BINARY_HEADER_SUFFIX,
                    ProtoUtils.metadataMarshaller(ErrorDetail.getDefaultInstance()));

    private final ManagedChannel channel;
    private final BelievedServer believed;

    private IssuanceClient(ManagedChannel channel, BelievedServer believed) {
        this.channel = channel;
        this.believed = believed;
    }

    /** Prepares; the first call connects. */
    static IssuanceClient connect(
            String server,
            Path bootstrapFile,
            Optional<Path> identity,
            Optional<String> serverId,
            InstantSource clock) {
        BelievedServer believed = BelievedServer.of(bootstrapFile, serverId, clock);
        return new IssuanceClient(
                believed.connect(server, identity.map(ClientIdentity::read)), believed);
    }

    IssuanceAnswer issue(String token, byte[] csr) {
        try {
            return issued(
                    IssuanceServiceGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                            .issueCertificate(
                                    IssueCertificateRequest.newBuilder()
                                            .setProtocolVersion(PROTOCOL_VERSION)
                                            .setToken(token)
                                            .setCsr(ByteString.copyFrom(csr))
                                            .build()));
        } catch (StatusRuntimeException refused) {
            return refused(refused);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private IssuanceAnswer issued(IssueCertificateResponse response) {
        try {
            believed.bundles().offer(BundleCodec.fromMessage(response.getBundle()));
            List<X509Certificate> chain = new ArrayList<>();
            for (ByteString der : response.getCertificateChainList()) {
                chain.add(Certificates.parse(der.toByteArray()));
            }
            VerifiedPeer verified = believed.verifier().verify(chain);
            TrustBundle bundle =
                    believed.bundles().bundle(verified.id().trustDomain()).orElseThrow();
            return new IssuanceAnswer.Issued(
                    verified.id().toString(),
                    chain,
                    bundle.roots(),
                    bundle.epoch(),
                    Times.instant(response.getRefresh().getNotBefore()),
                    Times.instant(response.getRefresh().getNotAfter()));
        } catch (TrustRefused notBelieved) {
            throw new CommandFailed(
                    "the server's answer is not believed: " + notBelieved.getMessage(),
                    notBelieved);
        } catch (CertificateException malformed) {
            throw new CommandFailed("the server's answer is malformed: " + malformed, malformed);
        }
    }

    private static IssuanceAnswer refused(StatusRuntimeException refused) {
        Metadata trailers = refused.getTrailers();
        ErrorDetail detail = trailers == null ? null : trailers.get(ERROR);
        String status = refused.getStatus().getCode().name();
        if (detail != null) {
            return new IssuanceAnswer.Refused(
                    detail.getReason(), detail.getMessage(), status, detail.getRetryAfterMillis());
        }
        String reason =
                refused.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED
                        ? "REQUEST_TOO_LARGE"
                        : status;
        return new IssuanceAnswer.Refused(reason, BelievedServer.why(refused), status, 0);
    }
}
