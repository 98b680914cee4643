/**
 * Who somebody is: SPIFFE IDs, trust domains and Kubernetes service accounts, parsed strictly and
 * printed canonically.
 *
 * <p>Start with {@link dev.countersign.identity.SpiffeId}. Nothing here touches the network, a clock
 * or anything outside the JDK. Parsing is done by hand: {@code java.net.URI} answers {@code null}
 * for the host of legal trust domains such as {@code my_td.example}, {@code 1.2.3} or {@code abc-}.
 *
 * <p>A value that exists is valid: every constructor checks. Text from outside goes through {@code
 * parse}, which throws {@link dev.countersign.identity.MalformedIdentity} with the value and the
 * expectation.
 */
@NullMarked
package dev.countersign.identity;

import org.jspecify.annotations.NullMarked;
