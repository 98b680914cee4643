package dev.countersign.server.cli;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.WellKnownIds;
import dev.countersign.trust.Bootstrap;
import dev.countersign.trust.BundleKeeper;
import dev.countersign.trust.ExpectedPeer;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustRefused;
import dev.countersign.wire.BootstrapFile;
import dev.countersign.wire.BundleCodec;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/**
 * The server that a bootstrap file tells to believe: one SPIFFE ID under these roots, over TLS 1.3.
 *
 * @param bundles what is believed; learns from answers
 * @param verifier over them
 * @param id the only one that is spoken to
 */
public record BelievedServer(BundleKeeper bundles, SvidVerifier verifier, SpiffeId id) {
    private static final int MAX_ANSWER = 16 * 1024 * 1024;

    /**
     * @param id another than the CA of the file's trust domain
     */
    public static BelievedServer of(Path bootstrapFile, Optional<String> id, InstantSource clock) {
        Bootstrap bootstrap = bootstrap(bootstrapFile);
        BundleKeeper bundles = new BundleKeeper(bootstrap, clock, BundleCodec::decode);
        return new BelievedServer(
                bundles,
                new SvidVerifier(bundles, clock),
                id.map(SpiffeId::parse)
                        .orElseGet(() -> WellKnownIds.caServer(bootstrap.trustDomain())));
    }

    /**
     * Prepares; the first call connects, and fails unless it is that server.
     *
     * @param address {@code host:port}
     * @param interceptors of every call
     */
    public ManagedChannel connect(
            String address, Optional<ClientIdentity> identity, ClientInterceptor... interceptors) {
        return NettyChannelBuilder.forTarget(address)
                .sslContext(tls(identity))
                .intercept(interceptors)
                .maxInboundMessageSize(MAX_ANSWER)
                .build();
    }

    /** The handshake's reason is in a cause: dug out, because it is what a person needs. */
    public static String why(StatusRuntimeException refused) {
        for (Throwable cause = refused; cause != null; cause = cause.getCause()) {
            if (cause instanceof TrustRefused notBelieved) {
                return "the server is not believed: " + notBelieved.getMessage();
            }
        }
        String description = refused.getStatus().getDescription();
        Throwable cause = refused.getStatus().getCause();
        return (description == null ? refused.getStatus().getCode().toString() : description)
                + (cause == null ? "" : " (" + cause.getMessage() + ")");
    }

    private SslContext tls(Optional<ClientIdentity> identity) {
        try {
            SslContextBuilder tls =
                    GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.OPENSSL)
                            .protocols("TLSv1.3")
                            .trustManager(new ExpectedPeer(verifier, id));
            identity.ifPresent(mine -> mine.present(tls));
            return tls.build();
        } catch (IOException unusable) {
            throw new CommandFailed("cannot speak TLS: " + unusable.getMessage(), unusable);
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
}
