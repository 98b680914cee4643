package dev.countersign.agent.ca;

import dev.countersign.agent.roots.RootCounter;
import dev.countersign.identity.SpiffeId;
import dev.countersign.trust.DenyList;
import dev.countersign.trust.SvidVerifier;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.TrustManager;

/**
 * Connections to services that are not the CA, secured as {@link ServicePeer} says. Those that speak
 * gRPC share the threads of {@link CaChannels}.
 */
public final class ServiceChannels {
    private static final int MAX_MESSAGE = 256 * 1024;
    private static final int MAX_HEADERS = 16 * 1024;

    private final SvidVerifier verifier;
    private final DenyList denyList;
    private final RootCounter roots;
    private final EventLoops loops;
    private final Supplier<Optional<ClientIdentity>> identity;
    private final Set<Watched<?>> watched = ConcurrentHashMap.newKeySet();

    /**
     * @param identity what to authenticate with, as of now
     */
    public ServiceChannels(
            SvidVerifier verifier,
            DenyList denyList,
            RootCounter roots,
            EventLoops loops,
            Supplier<Optional<ClientIdentity>> identity) {
        this.verifier = verifier;
        this.denyList = denyList;
        this.roots = roots;
        this.loops = loops;
        this.identity = identity;
    }

    /**
     * A service that speaks gRPC; connects at its first call.
     *
     * @param address {@code host:port}
     */
    public Service open(String address, ServicePeer peer) {
        return switch (peer) {
            case ServicePeer.Anybody anybody -> new Fixed(builder(address).usePlaintext().build());
            case ServicePeer.Named named ->
                    new Fixed(secured(address, NamedTrust.of(named.roots()), Optional.empty()));
            case ServicePeer.Identity expected ->
                    new Renewed(
                            new Watched<>(
                                    expected.id(),
                                    (trust, own) -> secured(address, trust, Optional.of(own)),
                                    ManagedChannel::shutdown,
                                    ManagedChannel::shutdownNow));
        };
    }

    /** A service that speaks HTTP/1.1; connects at its first request. */
    public HttpService openHttp(ServicePeer peer, Duration connectTimeout) {
        return switch (peer) {
            case ServicePeer.Anybody anybody ->
                    new FixedHttp(HttpClients.plaintext(connectTimeout), "http");
            case ServicePeer.Named named ->
                    new FixedHttp(
                            HttpClients.secured(connectTimeout, NamedTrust.of(named.roots()), null),
                            "https");
            case ServicePeer.Identity expected ->
                    new RenewedHttp(
                            new Watched<>(
                                    expected.id(),
                                    (trust, own) ->
                                            HttpClients.secured(
                                                    connectTimeout, trust, new OwnKey(own)),
                                    HttpClient::shutdown,
                                    HttpClient::shutdownNow));
        };
    }

    private ManagedChannel secured(
            String address, TrustManager trust, Optional<ClientIdentity> own) {
        return builder(address)
                .sslContext(CaChannels.context(trust, own))
                .idleTimeout(1, TimeUnit.HOURS)
                .build();
    }

    /** Roots were taken away, or somebody is denied: closes connections to who is believed no more. */
    public void recheck() {
        watched.forEach(Watched::recheck);
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
    private record Fixed(ManagedChannel channel) implements Service {
        @Override
        public void close() {
            channel.shutdownNow();
        }
    }

    /** A channel for each own certificate. */
    private record Renewed(Watched<ManagedChannel> channels) implements Service {
        @Override
        public ManagedChannel channel() {
            return channels.current();
        }

        @Override
        public void close() {
            channels.close();
        }
    }

    /** The same client for good. */
    private record FixedHttp(HttpClient client, String scheme) implements HttpService {
        @Override
        public void close() {
            client.shutdownNow();
        }
    }

    /** A client for each own certificate. */
    private record RenewedHttp(Watched<HttpClient> clients) implements HttpService {
        @Override
        public HttpClient client() {
            return clients.current();
        }

        @Override
        public String scheme() {
            return "https";
        }

        @Override
        public void close() {
            clients.close();
        }
    }

    /** Made anew for each own certificate, and thrown away when its peer is believed no more. */
    private final class Watched<T> implements AutoCloseable {
        private final AtomicReference<CaServerTrust> trust = new AtomicReference<>();
        private final PerIdentity<T> each;

        Watched(
                SpiffeId expected,
                BiFunction<CaServerTrust, ClientIdentity, T> maker,
                Consumer<T> retire,
                Consumer<T> close) {
            this.each =
                    new PerIdentity<>(
                            identity,
                            own -> {
                                CaServerTrust next =
                                        new CaServerTrust(verifier, denyList, expected, roots);
                                trust.set(next);
                                return maker.apply(next, own);
                            },
                            retire,
                            close);
            watched.add(this);
        }

        T current() {
            return each.current();
        }

        void recheck() {
            CaServerTrust last = trust.get();
            if (last != null && last.revoked().isPresent()) {
                each.discard();
            }
        }

        @Override
        public void close() {
            watched.remove(this);
            each.close();
        }
    }
}
