/**
 * When an agent ends by itself. A Job is done when all its containers are, so a sidecar that stays
 * would keep it running for ever. Three ways out:
 *
 * <ol>
 *   <li>a native sidecar (an init container with {@code restartPolicy: Always}) is ended by the
 *       kubelet, and needs nothing from here;
 *   <li>the application tells it, by {@code POST /quit} on the control socket ({@code
 *       dev.countersign.agent.admin});
 *   <li>{@link dev.countersign.agent.lifecycle.ProcessWatch} sees the application's processes end, in
 *       a pod whose containers share their process namespace.
 * </ol>
 *
 * <p>However it is told, it drains before it ends.
 */
@NullMarked
package dev.countersign.agent.lifecycle;

import org.jspecify.annotations.NullMarked;
