package dev.countersign.server.cli.cert;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.WellKnownIds;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.trust.Bootstrap;
import dev.countersign.trust.BundleKeeper;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustBundle;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import dev.countersign.wire.BootstrapFile;
import dev.countersign.wire.BundleCodec;
import dev.countersign.wire.v1.ErrorDetail;
import dev.countersign.wire.v1.IssuanceServiceGrpc;
import dev.countersign.wire.v1.IssueCertificateRequest;
import dev.countersign.wire.v1.IssueCertificateResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
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
    private final BundleKeeper bundles;
    private final SvidVerifier verifier;

    private IssuanceClient(ManagedChannel channel, BundleKeeper bundles, SvidVerifier verifier) {
        this.channel = channel;
        this.bundles = bundles;
        this.verifier = verifier;
    }

    /** Prepares; the first call connects. */
    static IssuanceClient connect(
            String server,
            Path bootstrapFile,
            Optional<Path> identity,
            Optional<String> serverId,
            InstantSource clock) {
        Bootstrap bootstrap = bootstrap(bootstrapFile);
        BundleKeeper bundles = new BundleKeeper(bootstrap, clock, BundleCodec::decode);
        SvidVerifier verifier = new SvidVerifier(bundles, clock);
        SpiffeId expected =
                serverId.map(SpiffeId::parse)
                        .orElseGet(() -> WellKnownIds.caServer(bootstrap.trustDomain()));
        ManagedChannel channel =
                NettyChannelBuilder.forTarget(server)
                        .sslContext(tls(new ExpectedServer(verifier, expected), identity))
                        .build();
        return new IssuanceClient(channel, bundles, verifier);
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
            bundles.offer(BundleCodec.fromMessage(response.getBundle()));
            List<X509Certificate> chain = new ArrayList<>();
            for (ByteString der : response.getCertificateChainList()) {
                chain.add(certificate(der.toByteArray()));
            }
            VerifiedPeer verified = verifier.verify(chain);
            TrustBundle bundle = bundles.bundle(verified.id().trustDomain()).orElseThrow();
            return new IssuanceAnswer.Issued(
                    verified.id().toString(),
                    chain,
                    bundle.roots(),
                    bundle.epoch(),
                    instant(response.getRefresh().getNotBefore()),
                    instant(response.getRefresh().getNotAfter()));
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
        return new IssuanceAnswer.Refused(reason, description(refused), status, 0);
    }

    /** The handshake's reason is in a cause: dig it out, it is what a person needs. */
    private static String description(StatusRuntimeException refused) {
        for (Throwable cause = refused; cause != null; cause = cause.getCause()) {
            if (cause instanceof TrustRefused notBelieved) {
                return "the server is not believed: " + notBelieved.getMessage();
            }
        }
        String description = refused.getStatus().getDescription();
        Throwable cause = refused.getStatus().getCause();
        return (description == null ? "" : description)
                + (cause == null ? "" : " (" + cause.getMessage() + ")");
    }

    private static SslContext tls(ExpectedServer server, Optional<Path> identity) {
        try {
            SslContextBuilder builder =
                    GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.OPENSSL)
                            .protocols("TLSv1.3")
                            .trustManager(server);
            identity.ifPresent(folder ->
                    builder.keyManager(
                            folder.resolve("svid.pem").toFile(),
                            folder.resolve("key.pem").toFile()));
            return builder.build();
        } catch (IOException | IllegalArgumentException unusable) {
            throw new CommandFailed("cannot use the identity: " + unusable.getMessage(), unusable);
        }
    }

    private static Bootstrap bootstrap(Path file) {
        try {
            return BootstrapFile.parse(Files.readString(file));
        } catch (IOException unreadable) {
            throw new CommandFailed("cannot read " + file + ": " + unreadable, unreadable);
        } catch (TrustRefused malformed) {
            throw new CommandFailed(file + ": " + malformed.getMessage(), malformed);
        }
    }

    private static X509Certificate certificate(byte[] der) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(der));
    }

    private static Instant instant(Timestamp timestamp) {
        return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
    }
}
