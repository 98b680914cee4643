package dev.countersign.policy.analysis;

import dev.countersign.policy.Request;
import dev.countersign.policy.Workload;
import dev.countersign.policy.analysis.region.Box;
import dev.countersign.policy.analysis.region.Dimension.Plain;
import dev.countersign.policy.analysis.region.Ranges;
import dev.countersign.policy.analysis.region.Region;
import dev.countersign.policy.analysis.region.Texts;
import dev.countersign.policy.authentication.MtlsMode;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.policy.authentication.PeerAuthentications;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where callers without an identity get as far as the policies: on ports that do not insist on
 * mutual TLS. Decided before any policy, by the same {@link PeerAuthentications} as at the agent.
 */
public final class PlaintextDoors {

    private final PeerAuthentications authentications;
    private final MtlsMode otherwise;
    private final Set<Integer> named = new TreeSet<>();

    /**
     * The doors of a mesh.
     *
     * @param otherwise the mode of ports of which nobody says anything
     */
    public PlaintextDoors(PeerAuthentications authentications, MtlsMode otherwise) {
        this.authentications = authentications;
        this.otherwise = otherwise;
        for (PeerAuthentication one : authentications.all()) {
            named.addAll(one.portModes().keySet());
        }
    }

    /** Whether a request is refused before any policy. */
    boolean refuses(Workload workload, Request request) {
        return request.sourcePrincipal() == null && isShut(workload, request.port());
    }

    /** The requests that are refused before any policy. */
    Region refused(Workload workload, Space space) {
        List<Integer> open = new ArrayList<>();
        List<Integer> shut = new ArrayList<>();
        named.forEach(port -> (isShut(workload, port) ? shut : open).add(port));
        Ranges ports =
                isShut(workload, unnamed()) ? Ranges.ports(open).complement() : Ranges.ports(shut);
        Texts nobody = new Texts(true, space.automata().nothing());
        Box box = Box.of(Plain.IDENTITY, nobody);
        return Region.of(box == null ? null : box.with(Plain.PORT, ports));
    }

    private boolean isShut(Workload workload, int port) {
        return authentications.modeFor(workload, port, otherwise) == MtlsMode.STRICT;
    }

    /** A port that stands for all of which nobody speaks. */
    private int unnamed() {
        int port = 1;
        while (named.contains(port)) {
            port++;
        }
        return port;
    }
}
