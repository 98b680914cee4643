package dev.countersign.server.authority.upstream;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.authority.ceremony.ImportedChain;
import java.time.Duration;

/** Signs the requests of signing certificates. */
public interface UpstreamAuthority {
    /**
     * Has a signing certificate made. Blocks for seconds at most.
     *
     * @param request PKCS#10, DER
     * @param commonName of the certificate's subject
     * @param pathLength how many that sign may follow below it
     * @param life wanted; upstream may give less
     * @return the certificate first, the root last; read and in order, not yet checked
     * @throws UpstreamRefused when upstream does not, cannot, or answers what is no chain
     */
    ImportedChain sign(
            byte[] request,
            String commonName,
            TrustDomain trustDomain,
            int pathLength,
            Duration life)
            throws UpstreamRefused;
}
