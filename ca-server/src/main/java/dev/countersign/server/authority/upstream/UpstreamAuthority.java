package dev.countersign.server.authority.upstream;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.authority.ceremony.ImportedChain;
import java.time.Duration;

/** Signs the online issuer's request. */
public interface UpstreamAuthority {
    /**
     * Has an issuer certified. Blocks for seconds at most.
     *
     * @param request PKCS#10, DER
     * @param commonName of the certificate's subject
     * @param life wanted; upstream may give less
     * @return issuer first, root last; read and in order, not yet checked
     * @throws UpstreamRefused when upstream does not, cannot, or answers what is no chain
     */
    ImportedChain signIssuer(
            byte[] request, String commonName, TrustDomain trustDomain, Duration life)
            throws UpstreamRefused;
}
