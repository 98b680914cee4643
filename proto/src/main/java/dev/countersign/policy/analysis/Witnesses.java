package dev.countersign.policy.analysis;

import dev.countersign.policy.Request;
import dev.countersign.policy.Workload;
import dev.countersign.policy.analysis.region.Box;
import dev.countersign.policy.analysis.region.Dimension;
import dev.countersign.policy.analysis.region.Dimension.Plain;
import dev.countersign.policy.analysis.region.Fact;
import dev.countersign.policy.analysis.region.Ranges;
import dev.countersign.policy.analysis.region.Region;
import dev.countersign.policy.analysis.region.Texts;
import dev.countersign.policy.analysis.region.Truth;
import dev.countersign.policy.analysis.region.ValueSet;
import dev.countersign.policy.match.IpAddress;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes a request out of a set of requests, and lets the engine judge it: what the engine does not
 * confirm is not shown to anybody.
 */
public final class Witnesses {

    private static final int MOST_TRIES = 200;
    private static final List<String> METHODS =
            List.of("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS");
    private static final List<Integer> PORTS = List.of(8080, 80, 443, 8443);
    private static final List<IpAddress> ADDRESSES = addresses();

    private final Space space;
    private final List<String> identities;
    private final List<Integer> ports;
    private final Workload destination;
    private final String host;

    /**
     * A maker of witnesses about one destination.
     *
     * @param identities whom to show as the caller where that is possible, best first
     * @param ports what the destination listens on, if that is known
     * @param destination what is called
     */
    public Witnesses(
            Space space, List<String> identities, List<Integer> ports, Workload destination) {
        this.space = space;
        this.identities = List.copyOf(identities);
        this.ports = new ArrayList<>(ports);
        this.ports.addAll(PORTS);
        this.destination = destination;
        this.host = destination.serviceAccount() + "." + destination.namespace();
    }

    /** Witnesses about a destination: it is called by its own name, on its own ports. */
    static Witnesses about(Destination destination, Space space, List<String> identities) {
        return new Witnesses(
                space,
                identities,
                destination.ports().stream().map(Destination.Listener::port).toList(),
                destination.workload());
    }

    /** A request of the region that can occur and that the engine confirms; empty: unknown. */
    public Optional<Witness> find(Region region, boolean http, Predicate<Witness> engine) {
        int tries = 0;
        for (Box box : region.boxes()) {
            Optional<Witness> witness = of(box, http).filter(engine);
            if (witness.isPresent() || ++tries == MOST_TRIES) {
                return witness;
            }
        }
        return Optional.empty();
    }

    /** A request of a box; empty where there is none that can occur. */
    Optional<Witness> of(Box box, boolean http) {
        Request.Builder builder = http ? Request.http() : Request.tcp();
        Set<String> allowing = new HashSet<>();
        Map<String, String> headers = new HashMap<>();
        FactWitness facts = new FactWitness(space.automata());
        try {
            builder.port(port(box))
                    .destination(destination)
                    .sourcePrincipal(text(box, Plain.IDENTITY, identities))
                    .sourceIp(address(box, Plain.SOURCE_IP))
                    .remoteIp(address(box, Plain.REMOTE_IP))
                    .destinationIp(address(box, Plain.DESTINATION_IP))
                    .sni(text(box, Plain.SNI, List.of(host)));
            if (http) {
                builder.method(text(box, Plain.METHOD, METHODS))
                        .host(text(box, Plain.HOST, List.of(host)))
                        .path(text(box, Plain.PATH, List.of("/")));
            }
            for (Map.Entry<Dimension, ValueSet> one : box.sets().entrySet()) {
                addHeader(one.getKey(), box, headers);
                if (one.getKey() instanceof Dimension.Opaque opaque) {
                    boolean holds = ((Truth) one.getValue()).yes();
                    if (opaque.fact() instanceof Fact.ProviderAllows provider) {
                        if (holds) {
                            allowing.add(provider.provider());
                        }
                    } else {
                        facts.add(opaque.fact(), holds);
                    }
                }
            }
            facts.addTo(builder);
            headers.forEach(builder::header);
            return Optional.of(new Witness(builder.build(), headers, allowing));
        } catch (NoWitness e) {
            return Optional.empty();
        }
    }

    private void addHeader(Dimension dimension, Box box, Map<String, String> headers)
            throws NoWitness {
        if (dimension instanceof Dimension.Header header) {
            String value = text(box, dimension, List.of());
            if (value != null) {
                headers.put(header.name(), value);
            }
        }
    }

    /** A member that can occur; null for absent, which is taken where nothing else is left. */
    private @Nullable String text(Box box, Dimension dimension, List<String> preferred)
            throws NoWitness {
        Texts texts = (Texts) valuesOf(box, dimension);
        boolean optional = dimension instanceof Dimension.Header || dimension == Plain.SNI;
        if (texts.absent() && optional) {
            return null;
        }
        String witness = texts.present().witness(preferred);
        if (witness == null && !texts.absent()) {
            throw new NoWitness();
        }
        return witness;
    }

    private int port(Box box) throws NoWitness {
        Ranges ranges = (Ranges) valuesOf(box, Plain.PORT);
        for (int port : ports) {
            if (ranges.contains(port)) {
                return port;
            }
        }
        BigInteger first = ranges.first();
        if (first == null) {
            throw new NoWitness();
        }
        return first.intValueExact();
    }

    private IpAddress address(Box box, Plain dimension) throws NoWitness {
        Ranges ranges = (Ranges) valuesOf(box, dimension);
        for (IpAddress address : ADDRESSES) {
            if (ranges.contains(address)) {
                return address;
            }
        }
        BigInteger first = ranges.first();
        if (first == null) {
            throw new NoWitness();
        }
        return Ranges.address(first);
    }

    private ValueSet valuesOf(Box box, Dimension dimension) {
        ValueSet own = box.get(dimension);
        ValueSet occurring = space.occurring(dimension);
        return own == null ? occurring : own.and(occurring);
    }

    private static List<IpAddress> addresses() {
        List<IpAddress> addresses = new ArrayList<>();
        for (String text : List.of("10.0.0.1", "10.0.0.2", "192.0.2.1", "2001:db8::1")) {
            addresses.add(Objects.requireNonNull(IpAddress.parse(text)));
        }
        return addresses;
    }

    /** A set without a member that can occur. */
    static final class NoWitness extends Exception {
        private static final long serialVersionUID = 1;
    }
}
