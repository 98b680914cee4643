package dev.countersign.edges;

import dev.countersign.identity.MalformedIdentity;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.SpiffeId;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Decision;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.Operation;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Request;
import dev.countersign.policy.Workload;
import dev.countersign.policy.WorkloadPolicies;
import dev.countersign.policy.authentication.MtlsMode;
import dev.countersign.policy.authentication.PeerAuthentications;
import dev.countersign.policy.match.IpAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Recorded edges against a set of policies: what would become of them.
 *
 * <p>An edge stands for many requests, and records only a part of each. It is decided for several
 * {@link PathWitnesses}, and read with everything unrecorded in favour of the caller and against it
 * ({@link Unrecorded}). Where all of that agrees, the answer is certain; where it does not, it is
 * {@link Fate#MAYBE_DENIED} or {@link Fate#MAYBE_ALLOWED}, with what it depends on.
 */
public final class Simulation {
    private static final Decision PLAINTEXT =
            new Decision(false, null, null, null, -1, 0, Decision.Reason.PLAINTEXT_REFUSED);

    private final MeshSettings mesh;
    private final PolicySet written;
    private final PeerAuthentications peers;
    private final PathWitnesses witnesses;
    private final Reading http;
    private final Reading tcp;
    private final Map<Workload, Destination> destinations = new HashMap<>();

    /**
     * @param peers what the set says of mutual TLS: a plaintext edge to a STRICT port is denied
     */
    public Simulation(
            MeshSettings mesh,
            List<AuthorizationPolicy> policies,
            PeerAuthentications peers,
            InstantSource clock) {
        this.mesh = mesh;
        this.written = PolicySet.of(0, mesh, policies);
        this.peers = peers;
        this.witnesses = new PathWitnesses(mesh.pathNormalization());
        this.http = Reading.of(mesh, policies, true, clock);
        this.tcp = Reading.of(mesh, policies, false, clock);
    }

    /** What becomes of an edge. */
    public enum Fate {
        STILL_ALLOWED,
        STILL_DENIED,
        /** It flowed, and would not any more. */
        NEWLY_DENIED,
        /** It flowed, and some of it would perhaps not any more. */
        MAYBE_DENIED,
        /** It was denied, and would flow. */
        NEWLY_ALLOWED,
        /** It was denied, and some of it would perhaps flow. */
        MAYBE_ALLOWED,
        /** Its destination is no workload of the mesh, or its source reported it: nobody decides. */
        NOT_DECIDED
    }

    /**
     * One edge and its fate.
     *
     * @param decision the one that changes something, else any; empty where nobody decides
     * @param because what an uncertain fate depends on
     */
    public record Outcome(
            ObservedEdge edge, Fate fate, Optional<Decision> decision, List<String> because) {
        public Outcome {
            because = List.copyOf(because);
        }
    }

    /** The two readings of one set. */
    private record Reading(PolicySet generous, PolicySet strict) {
        static Reading of(
                MeshSettings mesh,
                List<AuthorizationPolicy> policies,
                boolean http,
                InstantSource clock) {
            return new Reading(
                    PolicySet.of(0, mesh, new Unrecorded(http, true).read(policies), clock),
                    PolicySet.of(0, mesh, new Unrecorded(http, false).read(policies), clock));
        }

        Pair of(Workload workload) {
            return new Pair(generous.forWorkload(workload), strict.forWorkload(workload));
        }
    }

    /** The same for one workload. */
    private record Pair(WorkloadPolicies generous, WorkloadPolicies strict) {}

    private record Destination(
            Pair http,
            Pair tcp,
            Set<String> paths,
            Set<String> methods,
            List<String> unrecordedHttp,
            List<String> unrecordedTcp) {}

    /** What came of the witnesses of one edge. */
    private static final class Findings {
        private @Nullable Decision allowed;
        private @Nullable Decision denied;
        private boolean surelyAllowed;
        private boolean surelyDenied;
        private boolean unrecorded;
    }

    public Outcome decide(ObservedEdge edge) {
        Optional<Workload> workload = workload(edge);
        if (workload.isEmpty()) {
            return new Outcome(edge, Fate.NOT_DECIDED, Optional.empty(), List.of());
        }
        if (isRefusedPlaintext(edge, workload.get())) {
            return new Outcome(
                    edge,
                    edge.ruling().allowed() ? Fate.NEWLY_DENIED : Fate.STILL_DENIED,
                    Optional.of(PLAINTEXT),
                    List.of());
        }
        Destination destination = destinations.computeIfAbsent(workload.get(), this::destination);
        Findings findings = new Findings();
        Pair pair = edge.isHttp() ? destination.http() : destination.tcp();
        for (Request request : requests(edge, destination)) {
            consider(findings, pair, request);
        }
        return outcome(edge, destination, findings);
    }

    /** Where nobody says anything of mutual TLS, ours is STRICT and Istio's PERMISSIVE. */
    private boolean isRefusedPlaintext(ObservedEdge edge, Workload workload) {
        MtlsMode otherwise =
                switch (mesh.compatibility()) {
                    case COUNTERSIGN -> MtlsMode.STRICT;
                    case ISTIO -> MtlsMode.PERMISSIVE;
                };
        return edge.tls() == EdgeTls.PLAINTEXT
                && peers.modeFor(workload, edge.port(), otherwise) == MtlsMode.STRICT;
    }

    private static void consider(Findings findings, Pair pair, Request request) {
        Decision best = pair.generous().decide(request);
        Decision worst = pair.strict().decide(request);
        findings.unrecorded |= best.allowed() != worst.allowed();
        findings.surelyAllowed |= worst.allowed();
        findings.surelyDenied |= !best.allowed();
        if (best.allowed() && findings.allowed == null) {
            findings.allowed = best;
        }
        if (!worst.allowed() && findings.denied == null) {
            findings.denied = worst;
        }
    }

    private static Outcome outcome(ObservedEdge edge, Destination at, Findings findings) {
        boolean was = edge.ruling().allowed();
        Decision changing = was ? findings.denied : findings.allowed;
        if (changing == null) {
            Decision same = was ? findings.allowed : findings.denied;
            return new Outcome(
                    edge,
                    was ? Fate.STILL_ALLOWED : Fate.STILL_DENIED,
                    Optional.ofNullable(same),
                    List.of());
        }
        boolean certain = (was ? findings.allowed : findings.denied) == null;
        if (certain) {
            return new Outcome(
                    edge,
                    was ? Fate.NEWLY_DENIED : Fate.NEWLY_ALLOWED,
                    Optional.of(changing),
                    List.of());
        }
        List<String> because = new ArrayList<>();
        if (findings.unrecorded) {
            because.addAll(edge.isHttp() ? at.unrecordedHttp() : at.unrecordedTcp());
        }
        if ((findings.surelyAllowed && findings.surelyDenied) || because.isEmpty()) {
            because.add("which path of the template, or method, it is");
        }
        return new Outcome(
                edge, was ? Fate.MAYBE_DENIED : Fate.MAYBE_ALLOWED, Optional.of(changing), because);
    }

    private Destination destination(Workload workload) {
        List<AuthorizationPolicy> applying = written.applicableTo(workload);
        Set<String> paths = new TreeSet<>();
        Set<String> methods = new TreeSet<>();
        for (AuthorizationPolicy policy : applying) {
            policy.rules().stream()
                    .flatMap(rule -> rule.to().stream())
                    .forEach(operation -> {
                        paths.addAll(operation.paths());
                        paths.addAll(operation.notPaths());
                        methods.addAll(exact(operation));
                    });
        }
        return new Destination(
                http.of(workload),
                tcp.of(workload),
                paths,
                methods,
                Unrecorded.named(applying, true),
                Unrecorded.named(applying, false));
    }

    private static List<String> exact(Operation operation) {
        List<String> methods = new ArrayList<>(operation.methods());
        methods.addAll(operation.notMethods());
        methods.removeIf(method -> method.contains("*"));
        return methods;
    }

    private List<Request> requests(ObservedEdge edge, Destination destination) {
        if (!edge.isHttp()) {
            return List.of(source(Request.tcp(), edge).build());
        }
        List<Request> requests = new ArrayList<>();
        for (String method : methods(edge, destination)) {
            for (String path : witnesses.of(edge.pathTemplate(), destination.paths())) {
                requests.add(source(Request.http(), edge).method(method).path(path).build());
            }
        }
        return requests;
    }

    private static Collection<String> methods(ObservedEdge edge, Destination destination) {
        if (!edge.method().equals(ReportedEdge.ANY)) {
            return List.of(edge.method());
        }
        Set<String> methods = new LinkedHashSet<>(List.of("GET", "X-OTHER"));
        methods.addAll(destination.methods());
        return methods;
    }

    private static Request.Builder source(Request.Builder builder, ObservedEdge edge) {
        return builder.port(edge.port())
                .sourcePrincipal(edge.source().isEmpty() ? null : edge.source())
                .sourceIp(IpAddress.parse(edge.sourceAddress()));
    }

    /** Whose policies decide it. */
    static Optional<Workload> workload(ObservedEdge edge) {
        if (edge.observedBy() != EdgeDirection.INBOUND) {
            return Optional.empty();
        }
        try {
            Optional<ServiceAccountName> account =
                    SpiffeId.parse(edge.destination()).serviceAccount();
            return account.map(name -> new Workload(name.namespace(), name.name(), edge.labels()));
        } catch (MalformedIdentity e) {
            return Optional.empty();
        }
    }
}
