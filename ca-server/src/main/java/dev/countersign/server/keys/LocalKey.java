package dev.countersign.server.keys;

import dev.countersign.server.keys.KeyVaultException.Reason;
import dev.countersign.trust.NativeCrypto;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;

/** A P-256 key in the memory of this process, used by the native provider where there is one. */
public final class LocalKey implements SigningKey {
    private static final String ALGORITHM = "SHA256withECDSA";
    private static final byte[] PROBE = {'p', 'r', 'o', 'b', 'e'};

    private final PrivateKey privateKey;
    private final PublicKey publicKey;

    private LocalKey(PrivateKey privateKey, PublicKey publicKey) {
        this.privateKey = privateKey;
        this.publicKey = publicKey;
    }

    /** Makes a new key. */
    public static LocalKey generate(SecureRandom random) throws KeyVaultException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", provider());
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            KeyPair pair = generator.generateKeyPair();
            return new LocalKey(pair.getPrivate(), pair.getPublic());
        } catch (GeneralSecurityException e) {
            throw new KeyVaultException(Reason.UNAVAILABLE, "key: cannot be made", e);
        }
    }

    /**
     * A key from its encodings; the caller zeroes the private one.
     *
     * @throws GeneralSecurityException when they are no P-256 keys or do not belong together
     */
    public static LocalKey decode(byte[] pkcs8, byte[] subjectPublicKeyInfo)
            throws GeneralSecurityException {
        KeyFactory factory = KeyFactory.getInstance("EC", provider());
        PrivateKey privateKey = factory.generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        PublicKey publicKey = factory.generatePublic(new X509EncodedKeySpec(subjectPublicKeyInfo));
        LocalKey key = new LocalKey(privateKey, publicKey);
        if (!NativeCrypto.verify(ALGORITHM, publicKey, key.signature(PROBE), PROBE)) {
            throw new GeneralSecurityException(
                    "key pair: public key of another private key (expected: a pair)");
        }
        return key;
    }

    @Override
    public PublicKey publicKey() {
        return publicKey;
    }

    @Override
    public String signatureAlgorithm() {
        return ALGORITHM;
    }

    @Override
    public byte[] sign(byte[] message) throws KeyVaultException {
        try {
            return signature(message);
        } catch (GeneralSecurityException e) {
            throw new KeyVaultException(Reason.UNAVAILABLE, "key: does not sign", e);
        }
    }

    /** As {@link #sign}, for those who deal in JCA's exceptions. */
    public byte[] signOrFail(byte[] message) throws GeneralSecurityException {
        return signature(message);
    }

    /**
     * PKCS#8, in clear: for a vault that seals it at once and then zeroes it. A deliberately
     * conspicuous name, so that every use is easily found.
     */
    public byte[] exposePrivateKey() {
        return privateKey.getEncoded();
    }

    @Override
    public String toString() {
        return "LocalKey[hidden]";
    }

    private byte[] signature(byte[] message) throws GeneralSecurityException {
        Signature signer = NativeCrypto.signature(ALGORITHM);
        signer.initSign(privateKey);
        signer.update(message);
        return signer.sign();
    }

    /** Keys of the provider that signs: others would be converted on every signature. */
    private static Provider provider() {
        return NativeCrypto.signatureProvider();
    }
}
