package dev.countersign.agent.directory;

import dev.countersign.feed.DirectoryEntry;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Everything that the subscriber may dial, by address. Immutable. */
public final class Directory {
    /** How long an address counts as meshed that has left the directory. */
    static final Duration REMEMBERED = Duration.ofMinutes(10);

    /** Addresses that left and are remembered; beyond that, those that left first are forgotten. */
    static final int MAX_REMEMBERED = 20_000;

    private final List<DirectoryEntry> entries;
    private final Map<InetSocketAddress, Service> services;
    private final Map<InetSocketAddress, Place> places;
    private final Map<InetSocketAddress, Instant> left;

    private Directory(
            List<DirectoryEntry> entries,
            Map<InetSocketAddress, Service> services,
            Map<InetSocketAddress, Place> places,
            Map<InetSocketAddress, Instant> left) {
        this.entries = entries;
        this.services = services;
        this.places = places;
        this.left = left;
    }

    /** The first one. */
    public static Directory of(List<DirectoryEntry> entries) {
        return compile(entries);
    }

    /** The one that follows this; itself where nothing has changed. */
    public Directory next(List<DirectoryEntry> next, Instant now) {
        if (next.equals(entries)) {
            return this;
        }
        Map<InetSocketAddress, Instant> remembered = new HashMap<>();
        left.forEach((address, until) -> {
            if (now.isBefore(until)) {
                remembered.put(address, until);
            }
        });
        Directory compiled = compile(next);
        for (InetSocketAddress address : meshed()) {
            if (!compiled.services.containsKey(address)) {
                remembered.put(address, now.plus(REMEMBERED));
            }
        }
        return new Directory(
                compiled.entries, compiled.services, compiled.places, newest(remembered));
    }

    /** What a connection to this address is meant for; empty where nothing is said of it. */
    public Optional<Service> find(InetSocketAddress dialled) {
        return Optional.ofNullable(services.get(dialled));
    }

    /** Whether it was meshed until it left the directory a while ago. */
    public boolean leftMeshed(InetSocketAddress dialled, Instant now) {
        Instant until = left.get(dialled);
        return until != null && now.isBefore(until);
    }

    /** Whether something else is said of this place's address than that it is this place. */
    public boolean contradicts(Place place) {
        Place listed = places.get(place.address());
        return listed != null && !listed.equals(place);
    }

    /** Whether this very place is listed, ready or not. */
    public boolean lists(Place place) {
        return place.equals(places.get(place.address()));
    }

    public int size() {
        return entries.size();
    }

    private Set<InetSocketAddress> meshed() {
        Set<InetSocketAddress> meshed = new HashSet<>();
        services.forEach((address, service) -> {
            if (service.places().stream().anyMatch(Place::meshed)) {
                meshed.add(address);
            }
        });
        return meshed;
    }

    private static Map<InetSocketAddress, Instant> newest(Map<InetSocketAddress, Instant> all) {
        if (all.size() <= MAX_REMEMBERED) {
            return Map.copyOf(all);
        }
        Map<InetSocketAddress, Instant> kept = new HashMap<>();
        all.entrySet().stream()
                .sorted(Map.Entry.<InetSocketAddress, Instant>comparingByValue().reversed())
                .limit(MAX_REMEMBERED)
                .forEach(entry -> kept.put(entry.getKey(), entry.getValue()));
        return Map.copyOf(kept);
    }

    private static Directory compile(List<DirectoryEntry> entries) {
        Map<InetSocketAddress, Service> services = new HashMap<>();
        Map<InetSocketAddress, Place> places = new HashMap<>();
        for (DirectoryEntry entry : entries) {
            for (DirectoryEntry.Endpoint endpoint : entry.endpoints()) {
                Place place = new Place(endpoint.address(), endpoint.peer());
                Place other = places.get(place.address());
                // Two services may share a place; where they differ, the one that knows an
                // identity.
                if (other == null || (place.meshed() && !other.meshed())) {
                    places.put(place.address(), place);
                    services.put(
                            place.address(),
                            new Service(entry.name(), entry.protocol(), List.of(place)));
                }
            }
        }
        for (DirectoryEntry entry : entries) {
            Service service =
                    new Service(
                            entry.name(),
                            entry.protocol(),
                            entry.endpoints().stream()
                                    .filter(DirectoryEntry.Endpoint::ready)
                                    .map(one -> Objects.requireNonNull(places.get(one.address())))
                                    .toList());
            entry.addresses().forEach(address -> services.put(address, service));
        }
        return new Directory(
                List.copyOf(entries), Map.copyOf(services), Map.copyOf(places), Map.of());
    }
}
