package dev.countersign.testing;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.trust.Bootstrap;
import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.trust.SigningContext;
import dev.countersign.trust.SigningKeys;
import dev.countersign.trust.TrustBundle;
import dev.countersign.wire.BundleCodec;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A certificate authority for tests: a root, an intermediate, leaves, and a bundle that names them.
 * Everything it makes is right unless a fault is asked for with {@link TestCertificateBuilder}.
 *
 * <pre>{@code
 * TestAuthority authority = TestAuthority.create("test.example", clock, 1);
 * TestCertificate web = authority.leaf("/ns/shop/sa/web").build();
 * new SvidVerifier(TrustBundles.fixed(authority.bundle()), clock).verify(web.chain());
 * TestCertificate bad = authority.leaf("/ns/shop/sa/web").life(Duration.ZERO).build();
 * }</pre>
 *
 * Keys are JDK keys, P-256 unless told otherwise. Safe for many threads once made.
 */
public final class TestAuthority {
    private static final Duration ROOT_LIFE = Duration.ofDays(3650);
    private static final Duration INTERMEDIATE_LIFE = Duration.ofHours(24);
    private static final Duration BUNDLE_LIFE = Duration.ofDays(7);

    private final TrustDomain trustDomain;
    private final InstantSource clock;
    private final SecureRandom random;
    private final KeyPair bundleSigner;
    private final TestCertificate root;
    private final TestCertificate intermediate;

    private TestAuthority(TrustDomain trustDomain, InstantSource clock, long seed) {
        this.trustDomain = trustDomain;
        this.clock = clock;
        this.random = seeded(seed);
        this.bundleSigner = newKeyPair();
        this.root = newRoot().build();
        this.intermediate = newIntermediate(root).build();
    }

    /**
     * @param trustDomain without scheme
     * @param clock gives validity its start
     * @param seed of keys and serials: authorities with different seeds have different keys
     */
    public static TestAuthority create(String trustDomain, InstantSource clock, long seed) {
        return new TestAuthority(TrustDomain.parse(trustDomain), clock, seed);
    }

    public TrustDomain trustDomain() {
        return trustDomain;
    }

    public TestCertificate root() {
        return root;
    }

    /** The intermediate that {@link #leaf} issues from. */
    public TestCertificate intermediate() {
        return intermediate;
    }

    /** Signs bundles and snapshots. */
    public KeyPair bundleSigner() {
        return bundleSigner;
    }

    /** A leaf for a path such as {@code /ns/shop/sa/web}, under {@link #intermediate}. */
    public TestCertificateBuilder leaf(String path) {
        return leaf(new SpiffeId(trustDomain, path));
    }

    public TestCertificateBuilder leaf(SpiffeId id) {
        return builder().leafProfile().uris(id.toString()).issuedBy(intermediate);
    }

    public TestCertificateBuilder newIntermediate(TestCertificate issuer) {
        return builder()
                .issuerProfile()
                .subject("CN=" + trustDomain + " intermediate " + suffix())
                .uris(trustDomain.id())
                .pathLength(0)
                .life(INTERMEDIATE_LIFE)
                .issuedBy(issuer);
    }

    public TestCertificateBuilder newRoot() {
        return builder()
                .issuerProfile()
                .subject("CN=" + trustDomain + " root " + suffix())
                .uris(trustDomain.id())
                .life(ROOT_LIFE);
    }

    /** Epoch 1, this root, this bundle signer. */
    public TrustBundle bundle() {
        return bundle(1, root);
    }

    public TrustBundle bundle(long epoch, TestCertificate... roots) {
        return bundle(epoch, Optional.empty(), roots);
    }

    public TrustBundle bundle(
            long epoch, Optional<PublicKey> nextSigningKey, TestCertificate... roots) {
        return new TrustBundle(
                trustDomain,
                epoch,
                clock.instant(),
                clock.instant().plus(BUNDLE_LIFE),
                Stream.of(roots).map(TestCertificate::certificate).toList(),
                List.of(bundleSigner.getPublic()),
                nextSigningKey);
    }

    /** What an agent of this trust domain is given by hand. */
    public Bootstrap bootstrap() {
        return Bootstrap.from(bundle());
    }

    /** {@link #bundle()} as it arrives at an agent. */
    public SignedTrustBundle signedBundle() {
        return sign(bundle(), bundleSigner);
    }

    /** A bundle signed by any key, rightly or not. */
    public static SignedTrustBundle sign(TrustBundle bundle, KeyPair signer) {
        byte[] payload = BundleCodec.encode(bundle);
        return new SignedTrustBundle(
                payload,
                SigningKeys.idOf(signer.getPublic()),
                sign(SigningContext.BUNDLE, payload, signer));
    }

    /** A signature of the kind that bundles, snapshots and deltas carry. */
    public static byte[] sign(SigningContext context, byte[] payload, KeyPair signer) {
        try {
            Signature signature = Signature.getInstance(SigningKeys.ALGORITHM);
            signature.initSign(signer.getPrivate());
            signature.update(context.prefix());
            signature.update(payload);
            return signature.sign();
        } catch (GeneralSecurityException unfit) {
            throw new IllegalArgumentException("signer: not P-256", unfit);
        }
    }

    /** P-256, from this authority's seed. */
    public KeyPair newKeyPair() {
        return newKeyPair("secp256r1");
    }

    /**
     * @param kind a curve name such as {@code secp384r1}, {@code Ed25519}, or {@code RSA-2048}
     */
    public KeyPair newKeyPair(String kind) {
        try {
            if (kind.startsWith("RSA-")) {
                KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
                rsa.initialize(Integer.parseInt(kind.substring("RSA-".length())), random);
                return rsa.generateKeyPair();
            }
            if (kind.equals("Ed25519")) {
                return KeyPairGenerator.getInstance(kind).generateKeyPair();
            }
            KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
            ec.initialize(new ECGenParameterSpec(kind), random);
            return ec.generateKeyPair();
        } catch (GeneralSecurityException unavailable) {
            throw new IllegalArgumentException("key kind: " + kind, unavailable);
        }
    }

    private TestCertificateBuilder builder() {
        return new TestCertificateBuilder(this, clock.instant(), random);
    }

    private String suffix() {
        return Integer.toHexString(random.nextInt() | Integer.MIN_VALUE);
    }

    private static SecureRandom seeded(long seed) {
        try {
            SecureRandom random = SecureRandom.getInstance("SHA1PRNG");
            random.setSeed(seed);
            return random;
        } catch (GeneralSecurityException unavailable) {
            throw new IllegalStateException(unavailable);
        }
    }
}
