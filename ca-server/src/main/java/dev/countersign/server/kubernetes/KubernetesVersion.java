package dev.countersign.server.kubernetes;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an API server says it is, as far as it matters here.
 *
 * @param major 1, for a long time now
 * @param minor counted up with each release
 */
public record KubernetesVersion(int major, int minor) implements Comparable<KubernetesVersion> {
    /** Tokens name their node from here on, and native sidecars are on by default. */
    public static final KubernetesVersion OLDEST = new KubernetesVersion(1, 29);

    /** As in {@code v1.29.3-gke.100}. */
    private static final Pattern GIT_VERSION =
            Pattern.compile("v(\\d{1,4})\\.(\\d{1,4})(?:\\D.*)?");

    /**
     * Reads a {@code gitVersion}.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static KubernetesVersion parse(String gitVersion) {
        Matcher version = GIT_VERSION.matcher(gitVersion);
        if (!version.matches()) {
            throw new IllegalArgumentException(
                    "Kubernetes version: " + gitVersion + " (expected: as v1.29.0)");
        }
        return new KubernetesVersion(
                Integer.parseInt(version.group(1)), Integer.parseInt(version.group(2)));
    }

    /** Whether this one is supported. */
    public boolean isSupported() {
        return compareTo(OLDEST) >= 0;
    }

    public boolean isAtLeast(int otherMajor, int otherMinor) {
        return compareTo(new KubernetesVersion(otherMajor, otherMinor)) >= 0;
    }

    @Override
    public int compareTo(KubernetesVersion other) {
        int byMajor = Integer.compare(major, other.major);
        return byMajor != 0 ? byMajor : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
