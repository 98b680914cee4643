/**
 * External authorizers: whom a CUSTOM policy asks.
 *
 * <p>Starting point: {@link dev.countersign.agent.provider.ExternalAuthorization#ask} puts one {@link
 * dev.countersign.agent.provider.CheckQuestion} to one configured provider and promises one {@link
 * dev.countersign.agent.provider.ProviderVerdict}, never an exception: within the provider's timeout
 * there is an answer, or the verdict says that there was none. What that means ({@code failOpen}) is
 * decided here, once for all protocols.
 *
 * <p>Two protocols: Envoy's ext_authz version 3 over gRPC ({@link
 * dev.countersign.agent.provider.GrpcProvider}), which is asked about TCP connections too, and HTTP
 * ({@link dev.countersign.agent.provider.HttpProvider}), where status 200 is yes. Both are made
 * when they are first asked; an agent whose policies are not CUSTOM loads neither.
 *
 * <p>What a provider sends back goes through {@link dev.countersign.agent.provider.HeaderField}: a
 * header that frames, routes or is ours is dropped, and so is one that is not a field at all.
 */
@NullMarked
package dev.countersign.agent.provider;

import org.jspecify.annotations.NullMarked;
