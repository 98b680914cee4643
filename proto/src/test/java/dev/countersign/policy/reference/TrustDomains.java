package dev.countersign.policy.reference;

import dev.countersign.policy.MeshSettings;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The mesh's trust domain and its aliases, and what a written value means in their light.
 *
 * <p>During a migration from one trust domain to another a policy written for either must match
 * peers of both.
 */
final class TrustDomains {

    /** In a principal, a pointer to whatever the mesh's trust domain is. */
    private static final String POINTER = "cluster.local";

    private final List<String> own;

    TrustDomains(MeshSettings mesh) {
        Set<String> names = new LinkedHashSet<>();
        names.add(mesh.trustDomain());
        names.addAll(mesh.trustDomainAliases());
        own = List.copyOf(names);
    }

    /** The trust domain, then its aliases. */
    List<String> own() {
        return own;
    }

    /** A written principal as one value for each name of the mesh, where it names the mesh. */
    List<String> expandPrincipal(String value) {
        String[] parts = value.split("/", -1);
        if (parts.length != 5 || parts[0].equals("*") || !namesMesh(parts[0])) {
            return List.of(value);
        }
        String rest = value.substring(parts[0].length());
        Set<String> expanded = new LinkedHashSet<>();
        for (String name : own) {
            expanded.add(isSuffixOf(parts[0], name) ? value : name + rest);
        }
        return new ArrayList<>(expanded);
    }

    /** A written trust domain as each name of the mesh, where it is one of them; no pointer here. */
    List<String> expandTrustDomain(String value) {
        return own.contains(value) ? own : List.of(value);
    }

    private boolean namesMesh(String trustDomain) {
        return trustDomain.equals(POINTER)
                || own.stream().anyMatch(name -> overlap(trustDomain, name));
    }

    private static boolean overlap(String a, String b) {
        return a.equals(b)
                || b.equals("*")
                || isPrefixOf(a, b)
                || isPrefixOf(b, a)
                || isSuffixOf(a, b)
                || isSuffixOf(b, a);
    }

    private static boolean isPrefixOf(String pattern, String text) {
        return pattern.endsWith("*") && text.startsWith(pattern.substring(0, pattern.length() - 1));
    }

    private static boolean isSuffixOf(String pattern, String text) {
        return pattern.startsWith("*") && text.endsWith(pattern.substring(1));
    }
}
