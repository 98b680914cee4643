package dev.countersign.server.admission.injection;

import dev.countersign.identity.TrustDomain;
import java.time.Duration;

/**
 * What is the same for every pod of the mesh.
 *
 * @param version of the agent, written on each pod
 * @param image of the agent, with tag or digest
 * @param pullPolicy {@code IfNotPresent}, {@code Always} or {@code Never}
 * @param trustDomain of the mesh
 * @param caAddress {@code host:port} of the server, as pods reach it
 * @param audience of the token that the agent presents
 * @param tokenLife of that token, 10 min to 24 h; the kubelet renews it at four fifths
 * @param trustConfigMap in the pod's namespace; holds the bootstrap file
 * @param trustKey the bootstrap file's name in it
 * @param mode where the pod does not say
 * @param nativeSidecars whether the API server knows init containers that go on (1.29 and later)
 * @param byDefault whether pods are injected where neither they nor their namespace says
 * @param rewriteProbes where the pod does not say
 * @param agentUid the agent's user and group
 * @param logLevel of the agent, where the pod does not say
 * @param resources of the agent's container, where the pod does not say
 */
public record InjectionSettings(
        String version,
        String image,
        String pullPolicy,
        TrustDomain trustDomain,
        String caAddress,
        String audience,
        Duration tokenLife,
        String trustConfigMap,
        String trustKey,
        Mode mode,
        boolean nativeSidecars,
        boolean byDefault,
        boolean rewriteProbes,
        long agentUid,
        String logLevel,
        Resources resources) {
    /** Least and most that Kubernetes and the server both take. */
    public static final Duration MIN_TOKEN_LIFE = Duration.ofMinutes(10);

    public static final Duration MAX_TOKEN_LIFE = Duration.ofHours(24);

    /** How connections come to the agent. */
    public enum Mode {
        /** By the kernel, unseen; an init container has NET_ADMIN to say so. */
        REDIRECT,
        /** By listeners that the pod's annotations name; needs no privilege at all. */
        EXPLICIT
    }

    /** Kubernetes quantities; empty = not set. */
    public record Resources(
            String cpuRequest, String cpuLimit, String memoryRequest, String memoryLimit) {
        /** What an agent was seen to need: 95 MB idle, 136 MB with 2 000 connections. */
        public static final Resources STANDARD = new Resources("20m", "", "128Mi", "256Mi");
    }

    public InjectionSettings {
        if (tokenLife.compareTo(MIN_TOKEN_LIFE) < 0 || tokenLife.compareTo(MAX_TOKEN_LIFE) > 0) {
            throw new IllegalArgumentException(
                    "tokenLife: " + tokenLife + " (expected: PT10M to PT24H)");
        }
        if (agentUid < 1) {
            throw new IllegalArgumentException(
                    "agentUid: " + agentUid + " (expected: >= 1, for it must not be root)");
        }
    }

    public InjectionSettings withNativeSidecars(boolean known) {
        return new InjectionSettings(
                version,
                image,
                pullPolicy,
                trustDomain,
                caAddress,
                audience,
                tokenLife,
                trustConfigMap,
                trustKey,
                mode,
                known,
                byDefault,
                rewriteProbes,
                agentUid,
                logLevel,
                resources);
    }
}
