package dev.countersign.agent.ca;

import dev.countersign.agent.roots.RootCounter;
import dev.countersign.identity.SpiffeId;
import dev.countersign.trust.SvidVerifier;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.math.BigInteger;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * gRPC connections to services that are not the CA: over mutual TLS to exactly one identity, or in
 * plaintext where no identity is asked for. They share the threads of {@link CaChannels}.
 */
public final class ServiceChannels {
    private static final int MAX_MESSAGE = 256 * 1024;
    private static final int MAX_HEADERS = 16 * 1024;

    private final SvidVerifier verifier;
    private final RootCounter roots;
    private final EventLoops loops;
    private final Supplier<Optional<ClientIdentity>> identity;

    /**
     * @param identity what to authenticate with, as of now
     */
    public ServiceChannels(
            SvidVerifier verifier,
            RootCounter roots,
            EventLoops loops,
            Supplier<Optional<ClientIdentity>> identity) {
        this.verifier = verifier;
        this.roots = roots;
        this.loops = loops;
        this.identity = identity;
    }

    /**
     * A service; connects at its first call.
     *
     * @param address {@code host:port}
     * @param spiffeId whom mutual TLS must find there; empty: plaintext
     */
    public Service open(String address, String spiffeId) {
        return spiffeId.isEmpty()
                ? new Plain(builder(address).usePlaintext().build())
                : new Secured(address, SpiffeId.parse(spiffeId));
    }

    private NettyChannelBuilder builder(String address) {
        return NettyChannelBuilder.forTarget("dns:///" + address)
                .eventLoopGroup(loops.group())
                .channelType(loops.channelType())
                .directExecutor()
                .maxInboundMessageSize(MAX_MESSAGE)
                .maxInboundMetadataSize(MAX_HEADERS)
                .proxyDetector(target -> null)
                .disableServiceConfigLookUp()
                .disableRetry();
    }

    /** One service; whoever opened it closes it. */
    public interface Service extends AutoCloseable {
        /** For the next call. */
        ManagedChannel channel();

        @Override
        void close();
    }

    /** The same channel for good. */
    private record Plain(ManagedChannel channel) implements Service {
        @Override
        public void close() {
            channel.shutdownNow();
        }
    }

    /** A channel for each own certificate: a renewed one is used by the next call. */
    private final class Secured implements Service {
        private final String address;
        private final SpiffeId expected;
        private @Nullable ManagedChannel channel;
        private @Nullable BigInteger serial;

        Secured(String address, SpiffeId expected) {
            this.address = address;
            this.expected = expected;
        }

        @Override
        public synchronized ManagedChannel channel() {
            ClientIdentity own =
                    identity.get()
                            .orElseThrow(() ->
                                    new IllegalStateException(
                                            "own identity: none (expected: one)"));
            BigInteger current = own.chain().getFirst().getSerialNumber();
            ManagedChannel held = channel;
            if (held != null && current.equals(serial)) {
                return held;
            }
            if (held != null) {
                held.shutdown();
            }
            ManagedChannel made =
                    builder(address)
                            .sslContext(
                                    CaChannels.context(
                                            new CaServerTrust(verifier, expected, roots),
                                            Optional.of(own)))
                            .idleTimeout(1, TimeUnit.HOURS)
                            .build();
            channel = made;
            serial = current;
            return made;
        }

        @Override
        public synchronized void close() {
            ManagedChannel held = channel;
            if (held != null) {
                held.shutdownNow();
            }
        }
    }
}
