package dev.countersign.server.rpc;

import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Who is at the other end of a connection: worked out once per connection, from the certificates of
 * its own handshake, and put into every call's context.
 */
final class PeerIdentity {
    private static final Attributes.Key<Optional<VerifiedPeer>> PEER =
            Attributes.Key.create("verified-peer");
    private static final Context.Key<Optional<VerifiedPeer>> CURRENT_PEER =
            Context.keyWithDefault("verified-peer", Optional.empty());
    private static final Context.Key<InetAddress> CURRENT_ADDRESS =
            Context.keyWithDefault("caller-address", InetAddress.getLoopbackAddress());

    private PeerIdentity() {}

    /** The peer of the current call; empty when it sent no certificate, or that has ended. */
    static Optional<VerifiedPeer> current() {
        return CURRENT_PEER.get();
    }

    /** Where the current call came from. */
    static InetAddress address() {
        return CURRENT_ADDRESS.get();
    }

    /** Verifies once, when the handshake is done. */
    static ServerTransportFilter perConnection(SvidVerifier verifier) {
        return new ServerTransportFilter() {
            @Override
            public Attributes transportReady(Attributes attributes) {
                return attributes.toBuilder().set(PEER, verify(attributes, verifier)).build();
            }
        };
    }

    /** A connection may outlive its peer's certificate: then its calls have no peer any more. */
    static ServerInterceptor intoContext(InstantSource clock) {
        return new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                Context context =
                        Context.current()
                                .withValue(
                                        CURRENT_PEER, peerAt(call.getAttributes(), clock.instant()))
                                .withValue(CURRENT_ADDRESS, addressOf(call.getAttributes()));
                return Contexts.interceptCall(context, call, headers, next);
            }
        };
    }

    private static Optional<VerifiedPeer> peerAt(Attributes attributes, Instant now) {
        Optional<VerifiedPeer> peer = attributes.get(PEER);
        return peer == null
                ? Optional.empty()
                : peer.filter(verified -> !now.isAfter(verified.notAfter()));
    }

    private static Optional<VerifiedPeer> verify(Attributes attributes, SvidVerifier verifier) {
        SSLSession session = attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        if (session == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(verifier.verify(chain(session.getPeerCertificates())));
        } catch (SSLPeerUnverifiedException none) {
            return Optional.empty();
        } catch (TrustRefused refused) {
            // The handshake's trust manager refuses the same chain; without a peer nothing that
            // needs one is served.
            return Optional.empty();
        }
    }

    private static List<X509Certificate> chain(Certificate[] certificates) {
        List<X509Certificate> chain = new ArrayList<>(certificates.length);
        for (Certificate certificate : certificates) {
            if (certificate instanceof X509Certificate x509) {
                chain.add(x509);
            }
        }
        return chain;
    }

    private static InetAddress addressOf(Attributes attributes) {
        return attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress remote
                ? remote.getAddress()
                : InetAddress.getLoopbackAddress();
    }
}
