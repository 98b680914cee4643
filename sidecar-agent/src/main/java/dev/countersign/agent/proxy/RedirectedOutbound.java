package dev.countersign.agent.proxy;

import dev.countersign.agent.directory.Directory;
import dev.countersign.agent.directory.Place;
import dev.countersign.agent.directory.Service;
import dev.countersign.agent.proxy.connection.HandshakeRefusal;
import dev.countersign.agent.proxy.http.Upstreams;
import dev.countersign.agent.proxy.http2.Http2Upstreams;
import dev.countersign.feed.DirectoryEntry;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * Connections of the application go to where the directory leads from the address that was dialled. What
 * it says is asked for each connection and request: an identity, or plaintext where that is allowed. An
 * address of which it says nothing is left to the egress settings.
 */
final class RedirectedOutbound implements OutboundRoute {
    private final String name;
    private final Shared shared;
    private final Redirected redirected;
    private final RedirectMode mode;
    private final HandshakeLog log;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Map<Place, Endpoint> endpoints = new ConcurrentHashMap<>();

    RedirectedOutbound(
            String name,
            Shared shared,
            Redirected redirected,
            RedirectMode mode,
            HandshakeLog log,
            InstantSource clock,
            RandomGenerator random) {
        this.name = name;
        this.shared = shared;
        this.redirected = redirected;
        this.mode = mode;
        this.log = log;
        this.clock = clock;
        this.random = random;
        mode.directory().onChange(this::retireUnlisted);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Outlet of(Channel accepted) throws Misdirected {
        InetSocketAddress dialled = redirected.destination(accepted);
        Optional<Service> service = directory(dialled).find(dialled);
        if (service.isEmpty()) {
            return direct(dialled);
        }
        Destination destination = () -> endpoints(dialled);
        destination.endpoints(); // refused before a byte is read
        return new Balanced(service.get(), destination);
    }

    @Override
    public void retireOld() {
        endpoints.values().forEach(Endpoint::retireOld);
    }

    @Override
    public void close() {
        endpoints.values().forEach(Endpoint::close);
    }

    private List<Endpoint> endpoints(InetSocketAddress dialled) throws Misdirected {
        Service service =
                directory(dialled).find(dialled).orElseThrow(() -> unlisted(dialled, "left it"));
        if (service.places().isEmpty()) {
            throw new Misdirected(
                    HandshakeRefusal.NO_ENDPOINT,
                    service.name() + ": no endpoint is ready (expected: one)");
        }
        List<Place> allowed =
                service.places().stream()
                        .filter(place -> place.meshed() || plaintextAllowed())
                        .toList();
        if (allowed.isEmpty()) {
            throw new Misdirected(
                    HandshakeRefusal.PLAINTEXT_EGRESS,
                    service.name() + ": not meshed (expected: an identity, or unmeshed egress)");
        }
        return allowed.stream().map(this::endpoint).toList();
    }

    /** Nothing may be concluded from a directory that is not there, or is too old. */
    private Outlet direct(InetSocketAddress dialled) throws Misdirected {
        if (!mode.config().egress().unlisted()) {
            throw unlisted(dialled, "not in it");
        }
        if (!unlistedAllowed(dialled)) {
            throw new Misdirected(
                    HandshakeRefusal.PLAINTEXT_EGRESS,
                    dialled
                            + ": meshed until lately, or the directory is too old to say"
                            + " otherwise");
        }
        return new Direct(
                new PlainConnector(shared, name, dialled, () -> unlistedAllowed(dialled)));
    }

    private Directory directory(InetSocketAddress dialled) throws Misdirected {
        return mode.directory()
                .directory()
                .orElseThrow(() -> unlisted(dialled, "there is none yet"));
    }

    private static Misdirected unlisted(InetSocketAddress dialled, String why) {
        return new Misdirected(
                HandshakeRefusal.NOT_IN_DIRECTORY,
                dialled + ": " + why + " (expected: an address of the directory)");
    }

    private boolean unlistedAllowed(InetSocketAddress dialled) {
        return mode.config().egress().unlisted()
                && !mode.directory().stale()
                && mode.directory()
                        .directory()
                        .filter(now -> now.find(dialled).isEmpty())
                        .filter(now -> !now.leftMeshed(dialled, clock.instant()))
                        .isPresent();
    }

    private boolean plaintextAllowed() {
        return mode.config().egress().unmeshed() && !mode.directory().stale();
    }

    private Endpoint endpoint(Place place) {
        return endpoints.computeIfAbsent(
                place, one -> new Endpoint(one, connector(one), shared, random));
    }

    private Connector connector(Place place) {
        if (place.peer().isPresent()) {
            return new PeerConnector(
                    shared,
                    new Peer(name, place.address(), place.peer().get()),
                    log,
                    () -> !contradicted(place));
        }
        return new PlainConnector(
                shared, name, place.address(), () -> plaintextAllowed() && !contradicted(place));
    }

    /** An endpoint that has left finishes what it carries; another identity there does not. */
    private boolean contradicted(Place place) {
        return mode.directory().directory().filter(now -> now.contradicts(place)).isPresent();
    }

    private void retireUnlisted() {
        Optional<Directory> now = mode.directory().directory();
        endpoints
                .entrySet()
                .removeIf(entry -> {
                    boolean left = now.isPresent() && !now.get().lists(entry.getKey());
                    if (left) {
                        entry.getValue().close();
                    }
                    return left;
                });
    }

    private static Protocol protocol(DirectoryEntry.Protocol said) {
        return switch (said) {
            case AUTO -> Protocol.AUTO;
            case HTTP -> Protocol.HTTP;
            case TCP -> Protocol.TCP;
        };
    }

    private final class Balanced implements Outlet {
        private final Service service;
        private final Destination destination;

        Balanced(Service service, Destination destination) {
            this.service = service;
            this.destination = destination;
        }

        @Override
        public Protocol protocol() {
            return RedirectedOutbound.protocol(service.protocol());
        }

        @Override
        public Optional<Callee> callee() {
            List<Callee> callees =
                    service.places().stream()
                            .flatMap(place ->
                                    place.peer().stream()
                                            .map(id -> new Callee(id, place.address().getPort())))
                            .distinct()
                            .toList();
            return callees.size() == 1 ? Optional.of(callees.getFirst()) : Optional.empty();
        }

        @Override
        public Upstreams upstreams(EventLoop loop) {
            return new BalancedUpstreams(destination, shared, random);
        }

        @Override
        public Http2Upstreams http2(EventLoop loop) {
            return new BalancedHttp2(destination, shared, loop, random);
        }

        @Override
        public Connector stream() {
            return new BalancedStreams(destination, shared, random);
        }
    }

    /** To where the application wanted to go, byte for byte. */
    private record Direct(Connector stream) implements Outlet {
        @Override
        public Protocol protocol() {
            return Protocol.TCP;
        }

        @Override
        public Optional<Callee> callee() {
            return Optional.empty();
        }

        @Override
        public Http2Upstreams http2(EventLoop loop) {
            throw new IllegalStateException("protocol: tcp (expected: no requests)");
        }

        @Override
        public Upstreams upstreams(EventLoop loop) {
            throw new IllegalStateException("protocol: tcp (expected: no requests)");
        }
    }
}
