package dev.countersign.policy;

import java.util.List;

/** Who calls. Fields are AND-ed, values inside a field OR-ed; an empty field does not constrain. */
public record Source(
        List<String> principals,
        List<String> notPrincipals,
        List<String> requestPrincipals,
        List<String> notRequestPrincipals,
        List<String> namespaces,
        List<String> notNamespaces,
        List<String> ipBlocks,
        List<String> notIpBlocks,
        List<String> remoteIpBlocks,
        List<String> notRemoteIpBlocks,
        List<String> serviceAccounts,
        List<String> notServiceAccounts,
        List<String> trustDomains,
        List<String> notTrustDomains) {

    public Source {
        principals = List.copyOf(principals);
        notPrincipals = List.copyOf(notPrincipals);
        requestPrincipals = List.copyOf(requestPrincipals);
        notRequestPrincipals = List.copyOf(notRequestPrincipals);
        namespaces = List.copyOf(namespaces);
        notNamespaces = List.copyOf(notNamespaces);
        ipBlocks = List.copyOf(ipBlocks);
        notIpBlocks = List.copyOf(notIpBlocks);
        remoteIpBlocks = List.copyOf(remoteIpBlocks);
        notRemoteIpBlocks = List.copyOf(notRemoteIpBlocks);
        serviceAccounts = List.copyOf(serviceAccounts);
        notServiceAccounts = List.copyOf(notServiceAccounts);
        trustDomains = List.copyOf(trustDomains);
        notTrustDomains = List.copyOf(notTrustDomains);
    }

    /** A source that names principals and nothing else. */
    public static Source ofPrincipals(List<String> principals) {
        return new Source(
                principals,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }
}
