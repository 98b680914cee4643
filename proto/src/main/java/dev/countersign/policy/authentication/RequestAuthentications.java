package dev.countersign.policy.authentication;

import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.Workload;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/** All RequestAuthentications of a mesh, and which rules hold where. Immutable. */
public final class RequestAuthentications {
    private static final Comparator<RequestAuthentication> BY_NAME =
            Comparator.comparing(RequestAuthentication::id)
                    .thenComparing(RequestAuthentication::group);

    private final MeshSettings mesh;
    private final List<RequestAuthentication> all;

    public RequestAuthentications(MeshSettings mesh, List<RequestAuthentication> all) {
        this.mesh = mesh;
        this.all = all.stream().sorted(BY_NAME).toList();
    }

    /** Every one of them, by name. */
    public List<RequestAuthentication> all() {
        return all;
    }

    /** Those that apply to this workload: what its agent needs and no more. */
    public List<RequestAuthentication> applicableTo(Workload workload) {
        return all.stream().filter(one -> applies(one, workload)).toList();
    }

    /**
     * The issuers that a workload believes, by name of their policies. Several rules may name one
     * issuer: a token is good when it is good by any of them.
     */
    public List<JwtRule> rulesFor(Workload workload) {
        return applicableTo(workload).stream().flatMap(one -> one.rules().stream()).toList();
    }

    /** Every address that keys must be fetched from, each once. */
    public List<String> keyAddresses() {
        TreeSet<String> addresses = new TreeSet<>();
        for (RequestAuthentication one : all) {
            for (JwtRule rule : one.rules()) {
                String address = rule.jwksUri();
                if (address != null) {
                    addresses.add(address);
                }
            }
        }
        return List.copyOf(addresses);
    }

    private boolean applies(RequestAuthentication one, Workload workload) {
        boolean inScope =
                one.namespace().equals(workload.namespace())
                        || one.namespace().equals(mesh.rootNamespaceOf(one.group()));
        return inScope
                && one.targetRefs().isEmpty()
                && workload.labels().entrySet().containsAll(one.selector().entrySet());
    }
}
