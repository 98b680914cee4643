package dev.countersign.agent.ca;

import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolver.ResolutionResult;
import io.grpc.Status;
import io.grpc.StatusOr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of all replicas, in an order that each process draws once: so agents spread over the
 * replicas, and one whose replica leaves connects to the next at once. One that takes connections and
 * does not answer is found out by its callers alone: they have the order begin with the next one. A
 * name that does not resolve is left out for as long as another one does.
 */
final class ReplicaResolver extends NameResolver {
    static final String SCHEME = "countersign";

    private final List<CaAddress> addresses;
    private final Executor blocking;
    private @Nullable Listener2 listener;

    private ReplicaResolver(List<CaAddress> addresses, Executor blocking) {
        this.addresses = addresses;
        this.blocking = blocking;
    }

    /** Makes one for each channel. */
    static final class Factory extends NameResolver.Factory {
        private final List<CaAddress> addresses;
        private final AtomicInteger passed = new AtomicInteger();

        /**
         * @param random draws the order
         */
        Factory(List<CaAddress> addresses, Random random) {
            List<CaAddress> drawn = new ArrayList<>(addresses);
            Collections.shuffle(drawn, random);
            this.addresses = List.copyOf(drawn);
        }

        @Override
        public NameResolver newNameResolver(URI target, Args args) {
            Executor offload = args.getOffloadExecutor();
            // gRPC has a pool of its own for this; without one the name service is asked in place.
            return new ReplicaResolver(order(), offload == null ? Runnable::run : offload);
        }

        /** Channels that are made from now on begin with the next one. */
        void pass() {
            passed.incrementAndGet();
        }

        private List<CaAddress> order() {
            List<CaAddress> order = new ArrayList<>(addresses);
            Collections.rotate(order, -Math.floorMod(passed.get(), order.size()));
            return order;
        }

        @Override
        public String getDefaultScheme() {
            return SCHEME;
        }
    }

    @Override
    public String getServiceAuthority() {
        return "ca.countersign";
    }

    @Override
    public void start(Listener2 told) {
        listener = told;
        resolve(told);
    }

    @Override
    public void refresh() {
        Listener2 told = listener;
        if (told != null) {
            resolve(told);
        }
    }

    @Override
    public void shutdown() {
        listener = null;
    }

    private void resolve(Listener2 told) {
        blocking.execute(() -> told.onResult(result()));
    }

    private ResolutionResult result() {
        List<EquivalentAddressGroup> groups = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        for (CaAddress address : addresses) {
            try {
                List<SocketAddress> sockets = new ArrayList<>();
                for (InetAddress found : InetAddress.getAllByName(address.host())) {
                    sockets.add(new InetSocketAddress(found, address.port()));
                }
                groups.add(new EquivalentAddressGroup(sockets));
            } catch (UnknownHostException e) {
                unknown.add(address.host());
            }
        }
        ResolutionResult.Builder result = ResolutionResult.newBuilder();
        return groups.isEmpty()
                ? result.setAddressesOrError(
                                StatusOr.fromStatus(
                                        Status.UNAVAILABLE.withDescription(
                                                "names do not resolve: " + unknown)))
                        .build()
                : result.setAddressesOrError(StatusOr.fromValue(groups)).build();
    }
}
