package dev.countersign.server.keys;

import java.security.PublicKey;

/** A private key that signs and cannot be read. Held by a {@link KeyVault}. */
public interface SigningKey {
    PublicKey publicKey();

    /** JCA name of the signature algorithm, for instance {@code SHA256withECDSA}. */
    String signatureAlgorithm();

    /**
     * Signs; thread-safe.
     *
     * @throws KeyVaultException when the store cannot sign now
     */
    byte[] sign(byte[] message) throws KeyVaultException;
}
