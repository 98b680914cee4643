/**
 * The pods of the cluster, by UID, in memory: what attestation asks and what policies select by.
 *
 * <p>Start with {@link dev.countersign.server.kubernetes.pods.PodIndex}; {@link
 * dev.countersign.server.kubernetes.pods.PodWatch} keeps it in step (list in pages, watch, resume,
 * list again when the watch is too old) and answers attestation's port.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>An event counts before anybody is told of it: the index is the informer's own cache. A
 *       deletion, or a deletion's beginning, blocks the pod at once.
 *   <li>A UID that was deleted is not taken back, whatever answer was still on its way.
 *   <li>A pod takes some hundred bytes: names, account, node, addresses, labels, nothing else; what
 *       pods have in common is held once ({@code Shared}).
 *   <li>Not ready before the first list is whole. Afterwards an interrupted watch degrades health,
 *       and {@link dev.countersign.server.kubernetes.pods.PodWatch#isLive} tells attestation.
 * </ul>
 */
@NullMarked
package dev.countersign.server.kubernetes.pods;

import org.jspecify.annotations.NullMarked;
