package dev.countersign.server.kubernetes.services;

import dev.countersign.feed.DirectoryEntry;
import dev.countersign.feed.DirectoryEntry.Endpoint;
import dev.countersign.feed.DirectoryEntry.Protocol;
import dev.countersign.server.distribution.ExportedService;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins Services with their slices. One entry a TCP port, called {@code name.namespace:port}; only what
 * a change touches is made anew. Used by one thread.
 */
final class ServiceEntries {
    private static final int MAX_ENDPOINTS = 5_000;
    private static final Logger LOG = LoggerFactory.getLogger(ServiceEntries.class);

    private final MeshedPods pods;
    private final Map<Name, ServiceObject> services = new HashMap<>();
    private final Map<Name, Map<String, SliceObject>> slices = new HashMap<>();
    private final TreeMap<Name, List<ExportedService>> entries = new TreeMap<>();
    private final Map<String, Set<Name>> byPod = new HashMap<>();

    ServiceEntries(MeshedPods pods) {
        this.pods = pods;
    }

    /** What a Service is called. */
    record Name(String namespace, String name) implements Comparable<Name> {
        @Override
        public int compareTo(Name other) {
            int order = namespace.compareTo(other.namespace);
            return order != 0 ? order : name.compareTo(other.name);
        }
    }

    /** What is kept of a Service. */
    record ServiceObject(
            Name name, List<InetAddress> addresses, List<Port> ports, Set<String> exportTo) {}

    /**
     * A TCP port of a Service.
     *
     * @param name empty where there is only one
     */
    record Port(String name, int number, Protocol protocol) {}

    /** What is kept of a slice: ports by name, and endpoints. */
    record SliceObject(
            Name service, String name, Map<String, Integer> ports, List<PodEndpoint> endpoints) {}

    /**
     * @param podUid empty where no pod is behind it
     */
    record PodEndpoint(InetAddress address, String podUid, boolean ready) {}

    void put(ServiceObject service) {
        services.put(service.name(), service);
        remake(service.name());
    }

    void removeService(Name name) {
        services.remove(name);
        entries.remove(name);
    }

    void put(SliceObject slice) {
        slices.computeIfAbsent(slice.service(), name -> new TreeMap<>()).put(slice.name(), slice);
        for (PodEndpoint endpoint : slice.endpoints()) {
            if (!endpoint.podUid().isEmpty()) {
                byPod.computeIfAbsent(endpoint.podUid(), uid -> new HashSet<>())
                        .add(slice.service());
            }
        }
        remake(slice.service());
    }

    void removeSlice(Name service, String slice) {
        Map<String, SliceObject> left = slices.get(service);
        if (left != null) {
            left.remove(slice);
            if (left.isEmpty()) {
                slices.remove(service);
            }
        }
        remake(service);
    }

    /** A pod came, went, or changed: it may be meshed now. */
    void podChanged(String uid) {
        Set<Name> touched = byPod.getOrDefault(uid, Set.of());
        touched.forEach(this::remake);
        if (touched.stream().noneMatch(name -> endpointsOf(name).anyMatch(is(uid)))) {
            byPod.remove(uid);
        }
    }

    /** Everything, in the order of names. */
    List<ExportedService> all() {
        return entries.values().stream().flatMap(List::stream).toList();
    }

    private void remake(Name name) {
        ServiceObject service = services.get(name);
        if (service == null) {
            entries.remove(name);
            return;
        }
        List<ExportedService> made = new ArrayList<>();
        for (Port port : service.ports()) {
            made.add(new ExportedService(entry(service, port), service.exportTo()));
        }
        entries.put(name, made);
    }

    private DirectoryEntry entry(ServiceObject service, Port port) {
        List<InetSocketAddress> addresses =
                service.addresses().stream()
                        .map(address -> new InetSocketAddress(address, port.number()))
                        .toList();
        Name name = service.name();
        return new DirectoryEntry(
                name.name() + "." + name.namespace() + ":" + port.number(),
                addresses,
                port.protocol(),
                endpoints(name, port));
    }

    /** The same address may stand in two slices while an endpoint moves: once is enough. */
    private List<Endpoint> endpoints(Name service, Port port) {
        Map<InetSocketAddress, Endpoint> found = new HashMap<>();
        List<Endpoint> ordered = new ArrayList<>();
        for (SliceObject slice : slices.getOrDefault(service, Map.of()).values()) {
            Integer target = slice.ports().get(port.name());
            if (target == null) {
                continue;
            }
            for (PodEndpoint endpoint : slice.endpoints()) {
                InetSocketAddress at = new InetSocketAddress(endpoint.address(), target);
                Endpoint made =
                        new Endpoint(
                                at,
                                endpoint.podUid().isEmpty()
                                        ? Optional.empty()
                                        : pods.identity(endpoint.podUid()),
                                endpoint.ready());
                if (found.putIfAbsent(at, made) == null) {
                    ordered.add(made);
                }
            }
        }
        if (ordered.size() > MAX_ENDPOINTS) {
            LOG.atWarn()
                    .addKeyValue("service", service)
                    .addKeyValue("endpoints", ordered.size())
                    .log("agents are told of the first " + MAX_ENDPOINTS + " endpoints only");
            return ordered.subList(0, MAX_ENDPOINTS);
        }
        return ordered;
    }

    private Stream<PodEndpoint> endpointsOf(Name name) {
        return slices.getOrDefault(name, Map.of()).values().stream()
                .flatMap(slice -> slice.endpoints().stream());
    }

    private static java.util.function.Predicate<PodEndpoint> is(String uid) {
        return endpoint -> endpoint.podUid().equals(uid);
    }
}
