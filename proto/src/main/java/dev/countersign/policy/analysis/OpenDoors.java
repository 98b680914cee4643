package dev.countersign.policy.analysis;

import dev.countersign.policy.Action;
import dev.countersign.policy.DefaultAction;
import dev.countersign.policy.TrustDomains;
import dev.countersign.policy.analysis.Finding.Code;
import dev.countersign.policy.analysis.region.Region;
import dev.countersign.policy.analysis.text.Language;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Destinations that everybody of some kind can reach, or that the mesh's default decides for. */
final class OpenDoors {
    private final SymbolicPolicies policies;
    private final List<Destination> destinations;
    private final WorkloadRegions regions;
    private final Space space;
    private final Map<Boolean, Region> occurring;
    private final Map<Boolean, Region> allowed;
    private final Witnesses witnesses;
    private final Referee referee;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Unknown> unknowns = new ArrayList<>();

    /**
     * @param destinations to which the same policies apply
     * @param occurring the requests there can be, of HTTP and of TCP
     * @param allowed those of them that are allowed
     */
    OpenDoors(
            SymbolicPolicies policies,
            List<Destination> destinations,
            WorkloadRegions regions,
            Map<Boolean, Region> occurring,
            Map<Boolean, Region> allowed,
            Witnesses witnesses) {
        this.policies = policies;
        this.destinations = List.copyOf(destinations);
        this.regions = regions;
        this.space = policies.space();
        this.occurring = occurring;
        this.allowed = allowed;
        this.witnesses = witnesses;
        this.referee = policies.referee(destinations.getFirst().workload());
    }

    List<Finding> findings() {
        return findings;
    }

    List<Unknown> unknowns() {
        return unknowns;
    }

    /** Looks once; what was found is then in {@link #findings} and {@link #unknowns}. */
    void find() {
        List<SymbolicPolicy> allow = regions.enforced(Action.ALLOW);
        if (allow.isEmpty()) {
            boolean open = policies.mesh().defaultAction() == DefaultAction.ALLOW;
            add(
                    open ? Code.OPEN_BY_DEFAULT : Code.CLOSED_BY_DEFAULT,
                    regions.applying().isEmpty()
                            ? "no policy applies: the mesh's default decides"
                            : "no ALLOW policy applies: the mesh's default decides",
                    null);
            if (open) {
                return;
            }
        }
        for (SymbolicPolicy policy : allow) {
            if (policy.policy().rules().isEmpty() && allow.size() > 1) {
                findings.add(
                        new Finding(
                                Code.ALLOW_NOTHING_WIDENED,
                                "ALLOW " + policy.policy().id(),
                                "allows nothing, and what other ALLOW policies allow is allowed",
                                List.of(),
                                Places.of(destinations),
                                null));
            }
        }
        findOpenDoors();
    }

    private void findOpenDoors() {
        Exposure exposure = new Exposure(space, policies.mesh());
        List<String> own = new TrustDomains(policies.mesh()).own();
        Language mesh = new WrittenTexts(space.automata()).accountsIn(own).and(space.identities());
        boolean plaintext =
                door(
                        Code.OPEN_TO_PLAINTEXT,
                        "lets in callers without an identity",
                        (http, region) -> exposure.ofPlaintext(region));
        boolean anybody =
                door(
                        Code.OPEN_TO_ANY_IDENTITY,
                        "lets in any identity of any trust domain",
                        (http, region) -> every(exposure, space.identities(), http, region));
        if (!plaintext && !anybody) {
            door(
                    Code.OPEN_TO_WHOLE_MESH,
                    "lets in every service account of the mesh",
                    (http, region) -> every(exposure, mesh, http, region));
        }
    }

    private Region every(Exposure exposure, Language callers, boolean http, Region region) {
        return exposure.ofEvery(callers, region, occurring.getOrDefault(http, Region.NOTHING));
    }

    private boolean door(Code code, String detail, Door door) {
        boolean any = false;
        for (Map.Entry<Boolean, Region> one : allowed.entrySet()) {
            boolean http = one.getKey();
            Region region = door.open(http, one.getValue()).simplified();
            if (region.isEmpty()) {
                continue;
            }
            Optional<Witness> witness = witnesses.find(region, http, referee::allows);
            if (witness.isPresent()) {
                add(code, detail, witness.get());
                return true;
            }
            any = true;
        }
        if (any) {
            unknowns.add(
                    new Unknown(
                            Places.of(destinations).toString(),
                            code + ": no request was found that the engine confirms"));
        }
        return false;
    }

    private void add(Code code, String detail, @Nullable Witness witness) {
        Places places = Places.of(destinations);
        findings.add(new Finding(code, places.toString(), detail, List.of(), places, witness));
    }

    /** Of what is allowed, what is open to some. */
    @FunctionalInterface
    private interface Door {
        Region open(boolean http, Region allowed);
    }
}
