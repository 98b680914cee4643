package dev.countersign.server.authority.upstream;

import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.KeyVaultException.Reason;
import dev.countersign.server.keys.SigningKey;
import dev.countersign.server.x509.SignatureScheme;
import java.security.PublicKey;

/** The key of a root that is kept upstream: it is known, and signs nothing here. */
public record UpstreamKey(PublicKey publicKey) implements SigningKey {
    /** What the authority's journal calls it. */
    public static final String NAME = "upstream";

    @Override
    public String signatureAlgorithm() {
        return SignatureScheme.of(publicKey).jcaName();
    }

    @Override
    public byte[] sign(byte[] message) throws KeyVaultException {
        throw new KeyVaultException(
                Reason.UNAVAILABLE, "root key: upstream (expected: nothing is signed by it here)");
    }
}
