package dev.countersign.policy.parse;

import dev.countersign.policy.Operation;
import dev.countersign.policy.Source;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** The fields of sources and operations by their written names, for rules about any of them. */
final class SourceFields {

    private SourceFields() {}

    static SequencedMap<String, List<String>> of(Source source) {
        SequencedMap<String, List<String>> fields = new LinkedHashMap<>();
        fields.put("principals", source.principals());
        fields.put("notPrincipals", source.notPrincipals());
        fields.put("requestPrincipals", source.requestPrincipals());
        fields.put("notRequestPrincipals", source.notRequestPrincipals());
        fields.put("namespaces", source.namespaces());
        fields.put("notNamespaces", source.notNamespaces());
        fields.put("ipBlocks", source.ipBlocks());
        fields.put("notIpBlocks", source.notIpBlocks());
        fields.put("remoteIpBlocks", source.remoteIpBlocks());
        fields.put("notRemoteIpBlocks", source.notRemoteIpBlocks());
        fields.put("serviceAccounts", source.serviceAccounts());
        fields.put("notServiceAccounts", source.notServiceAccounts());
        fields.put("trustDomains", source.trustDomains());
        fields.put("notTrustDomains", source.notTrustDomains());
        return fields;
    }

    static SequencedMap<String, List<String>> of(Operation operation) {
        SequencedMap<String, List<String>> fields = new LinkedHashMap<>();
        fields.put("hosts", operation.hosts());
        fields.put("notHosts", operation.notHosts());
        fields.put("ports", operation.ports());
        fields.put("notPorts", operation.notPorts());
        fields.put("methods", operation.methods());
        fields.put("notMethods", operation.notMethods());
        fields.put("paths", operation.paths());
        fields.put("notPaths", operation.notPaths());
        return fields;
    }

    /** Whether something constrains that exists on TCP. */
    static boolean holdsL4(Source source) {
        return of(source).entrySet().stream()
                .filter(field -> !field.getKey().endsWith("equestPrincipals"))
                .anyMatch(field -> !field.getValue().isEmpty());
    }

    /** Whether something constrains that exists in HTTP only. */
    static boolean holdsHttp(Source source) {
        return !source.requestPrincipals().isEmpty() || !source.notRequestPrincipals().isEmpty();
    }

    /** Whether something constrains that exists in HTTP only. */
    static boolean holdsHttp(Operation operation) {
        return of(operation).entrySet().stream()
                .filter(field -> !field.getKey().endsWith("orts"))
                .anyMatch(field -> !field.getValue().isEmpty());
    }
}
