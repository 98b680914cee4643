/**
 * The directory of a cluster: Services, and from their EndpointSlices where each of them is now, who
 * must answer there, and whether it is meshed.
 *
 * <p>Starting point: {@link dev.countersign.server.kubernetes.services.ServiceSource} watches both and
 * publishes to {@link dev.countersign.server.distribution.ServiceDirectory}, which agents are fed from.
 * {@link dev.countersign.server.kubernetes.services.ServiceEntries} does the joining and knows no API
 * server.
 *
 * <p>Meshed is each endpoint by itself: the pod behind it has an agent, and its service account is who
 * must answer. An endpoint without a pod, or whose pod is not known, is not meshed.
 */
@NullMarked
package dev.countersign.server.kubernetes.services;

import org.jspecify.annotations.NullMarked;
