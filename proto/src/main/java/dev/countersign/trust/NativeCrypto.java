package dev.countersign.trust;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where signature arithmetic is done: the Amazon Corretto Crypto Provider where it loads (Linux on
 * x86-64 and aarch64), the JDK's own elsewhere. The global order of providers stays as it is.
 *
 * <p>The provider is loaded at first use, once for the process: 0.2 to 0.5 s and 5 to 15 MB of
 * resident memory, for a P-256 verification in 50 µs instead of 400 (compiled) to 1 800 µs (C1
 * only). A process that must not wait calls {@link #signatureProvider()} on a thread of its own at
 * start. {@code -Dcountersign.crypto=jdk} does without; {@code when-busy} lets the JDK compute until
 * {@value #BUSY} signatures were verified within {@value #BUSY_SECONDS} s, and loads the provider
 * then, on a thread of its own: an agent that sees few handshakes stays small, and one that sees
 * many is fast.
 *
 * <p>The native library is unpacked into {@code java.io.tmpdir}; where that cannot be written or
 * executed the JDK is used and a warning is logged.
 */
public final class NativeCrypto {
    /** System property: {@code native} (default), {@code when-busy} or {@code jdk}. */
    public static final String SETTING = "countersign.crypto";

    private static final int BUSY = 64;
    private static final int BUSY_SECONDS = 10;

    private static final String PROVIDER_CLASS =
            "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";
    private static final Logger LOG = LoggerFactory.getLogger(NativeCrypto.class);

    private NativeCrypto() {}

    /** The provider of {@code SHA256withECDSA}: the native one, or the JDK's. */
    public static Provider signatureProvider() {
        return Holder.CHOICE.current();
    }

    /** Whether the native provider is in use. */
    public static boolean isNative() {
        return Holder.CHOICE.isNative();
    }

    /**
     * A fresh signature object; not safe for several threads.
     *
     * @param algorithm JCA name, for instance {@code SHA256withECDSA}
     * @throws NoSuchAlgorithmException when neither the native provider nor the JDK knows it
     */
    public static Signature signature(String algorithm) throws NoSuchAlgorithmException {
        Provider provider = signatureProvider();
        return provider.getService("Signature", algorithm) == null
                ? Signature.getInstance(algorithm)
                : Signature.getInstance(algorithm, provider);
    }

    /** The same key in the native provider's form, which saves a conversion on every use. */
    public static PublicKey nativeKey(PublicKey key) {
        Provider provider = signatureProvider();
        if (provider.getService("KeyFactory", key.getAlgorithm()) == null) {
            return key;
        }
        try {
            return KeyFactory.getInstance(key.getAlgorithm(), provider)
                    .generatePublic(new X509EncodedKeySpec(key.getEncoded()));
        } catch (GeneralSecurityException notConvertible) {
            return key; // verification then converts, or refuses, by itself
        }
    }

    /**
     * Whether the signature over the concatenated parts is the key's.
     *
     * @return false also when key and signature do not fit the algorithm
     */
    public static boolean verify(
            String algorithm, PublicKey key, byte[] signature, byte[]... parts) {
        Holder.CHOICE.used();
        try {
            Signature verifier = signature(algorithm);
            verifier.initVerify(key);
            for (byte[] part : parts) {
                verifier.update(part);
            }
            return verifier.verify(signature);
        } catch (GeneralSecurityException unfit) {
            return false;
        }
    }

    /** Loads at the first call, not with the class. */
    private static final class Holder {
        static final ProviderChoice CHOICE =
                new ProviderChoice(
                        ProviderChoice.Mode.of(System.getProperty(SETTING)),
                        jdk(),
                        Holder::load,
                        new Demand(BUSY, Duration.ofSeconds(BUSY_SECONDS), System::nanoTime),
                        task -> Thread.ofPlatform().daemon().name("native-crypto").start(task));

        /** Asked for by one algorithm: a list of all providers would load every one of them. */
        private static Provider jdk() {
            try {
                return Signature.getInstance("SHA256withECDSA").getProvider();
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("this JDK has no SHA256withECDSA", e);
            }
        }

        private static Optional<Provider> load() {
            try {
                Class<?> type = Class.forName(PROVIDER_CLASS);
                Provider provider = (Provider) type.getField("INSTANCE").get(null);
                Object error = type.getMethod("getLoadingError").invoke(provider);
                if (error == null && provider.getService("Signature", "SHA256withECDSA") != null) {
                    return Optional.of(provider);
                }
                LOG.atWarn()
                        .addKeyValue("reason", error)
                        .log("native crypto not usable, using JDK");
            } catch (ReflectiveOperationException | LinkageError absent) {
                LOG.atInfo()
                        .addKeyValue("reason", absent.toString())
                        .log("no native crypto for this platform, using JDK");
            }
            return Optional.empty();
        }
    }
}
