package dev.countersign.agent.edges;

import dev.countersign.edges.EdgeDirection;
import dev.countersign.edges.PathShape;
import dev.countersign.edges.ReportedEdge;
import dev.countersign.policy.Decision;
import dev.countersign.policy.Request;
import dev.countersign.policy.match.IpAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How finely new edges are told apart. Denied ones, and those that the own application makes, have
 * room of their own, so that neither who is denied nor a program that calls everybody can make what is
 * allowed any coarser. Used under the table's lock.
 */
final class EdgeBounds {
    /** In all. */
    static final int ENTRIES = 4096;

    /** Of those, denied ones. */
    static final int DENIED = 1024;

    /** Of those, the own application's calls. */
    static final int OUTBOUND = 1024;

    /** Addresses of callers without identity. */
    static final int ADDRESSES = 256;

    /** Methods of one port. */
    static final int METHODS = 16;

    /** Full templates of one port, method and verdict. */
    static final int TEMPLATES = 64;

    /** First segments of one port, method and verdict, once there are that many templates. */
    static final int FIRST_SEGMENTS = 16;

    private final Map<Port, Set<String>> methods = new HashMap<>();
    private final Map<Method, Set<String>> templates = new HashMap<>();
    private final Map<Method, Set<String>> firstSegments = new HashMap<>();
    private final Set<IpAddress> addresses = new HashSet<>();
    private int entries;
    private int denied;
    private int outbound;

    private record Port(EdgeDirection direction, int port, boolean allowed) {}

    private record Method(Port of, String method) {}

    static EdgeBounds of(List<Entry> entries) {
        EdgeBounds bounds = new EdgeBounds();
        entries.forEach(bounds::enter);
        return bounds;
    }

    /** Whether one more of this verdict has room at all. */
    boolean hasRoom(EdgeDirection direction, Decision decision) {
        return entries < ENTRIES
                && switch (direction) {
                    case INBOUND -> decision.allowed() || denied < DENIED;
                    case OUTBOUND -> outbound < OUTBOUND;
                };
    }

    /** Whether a caller without identity is told apart by this address. */
    boolean mayName(IpAddress address) {
        return addresses.contains(address) || addresses.size() < ADDRESSES;
    }

    /** The finest rung that has room. */
    Rung rung(EdgeDirection direction, Request request, Decision decision) {
        String path = request.path();
        if (path == null) {
            return Rung.EXACT;
        }
        Method method =
                method(new Port(direction, request.port(), decision.allowed()), request.method());
        if (!hasRoom(methods, method.of(), method.method(), METHODS)) {
            return Rung.ANY_REQUEST;
        }
        if (hasRoom(templates, method, PathShape.of(path, Rung.EXACT.grain), TEMPLATES)) {
            return Rung.EXACT;
        }
        String first = PathShape.of(path, Rung.FIRST_SEGMENT.grain);
        return hasRoom(firstSegments, method, first, FIRST_SEGMENTS)
                ? Rung.FIRST_SEGMENT
                : Rung.ANY_PATH;
    }

    /** Takes room for one. */
    void enter(Entry entry) {
        entries++;
        switch (entry.direction) {
            case INBOUND -> denied += entry.decision.allowed() ? 0 : 1;
            case OUTBOUND -> outbound++;
        }
        if (entry.address != null) {
            addresses.add(entry.address);
        }
        String path = entry.path;
        if (path == null || ReportedEdge.ANY.equals(entry.method)) {
            return;
        }
        Method method =
                method(
                        new Port(entry.direction, entry.port, entry.decision.allowed()),
                        entry.method);
        methods.computeIfAbsent(method.of(), port -> new HashSet<>()).add(method.method());
        Set<String> full = templates.computeIfAbsent(method, m -> new HashSet<>());
        if (full.contains(path) || full.size() < TEMPLATES) {
            full.add(path);
        } else {
            firstSegments.computeIfAbsent(method, m -> new HashSet<>()).add(path);
        }
    }

    private static Method method(Port port, @Nullable String method) {
        return new Method(port, Objects.requireNonNullElse(method, ""));
    }

    private static <K> boolean hasRoom(Map<K, Set<String>> held, K key, String value, int most) {
        Set<String> values = held.getOrDefault(key, Set.of());
        return values.contains(value) || values.size() < most;
    }
}
