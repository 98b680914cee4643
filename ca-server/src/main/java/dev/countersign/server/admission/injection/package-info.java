/**
 * Puts an agent beside a workload's containers: a pure function from a pod, what its namespace says
 * and the settings of the mesh to a JSON patch.
 *
 * <p>Start with {@link dev.countersign.server.admission.injection.Injector}. The steps, each a class:
 *
 * <ol>
 *   <li>{@link dev.countersign.server.admission.injection.InjectionDecision}: whether. The first that
 *       says something decides: the pod's annotation {@code countersign.dev/inject}, its label of the
 *       same name, the namespace's label, the setting. What cannot be had (the host's network, another
 *       mesh's sidecar) is refused and never skipped in silence
 *   <li>{@link dev.countersign.server.admission.injection.PodOptions}: what the pod's annotations ask
 *       for, all problems at once
 *   <li>{@code Probes}: what the kubelet asks of the application, it asks the agent, which asks the
 *       application from inside; else mutual TLS would refuse it
 *   <li>{@code AgentFile}: the agent's own configuration; it travels as an annotation and is mounted
 *       as a file, so that a pod needs nothing of ours in its namespace but the trust ConfigMap
 *   <li>{@code SidecarContainers} and {@code SidecarVolumes}
 *   <li>{@code JsonEdits}: what was changed, and nothing else. The same pod gives the same bytes, and
 *       a pod that has been injected gives none
 * </ol>
 *
 * <p>Works on the tree as it came, so that fields which this version does not know stay as they are.
 */
@NullMarked
package dev.countersign.server.admission.injection;

import org.jspecify.annotations.NullMarked;
