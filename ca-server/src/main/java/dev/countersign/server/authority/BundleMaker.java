package dev.countersign.server.authority;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.SigningKey;
import dev.countersign.trust.SigningContext;
import dev.countersign.trust.SigningKeys;
import dev.countersign.trust.TrustBundle;
import dev.countersign.wire.BundleCodec;
import java.io.ByteArrayOutputStream;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Makes and signs epochs. */
final class BundleMaker {
    private final TrustDomain trustDomain;
    private final Duration life;

    BundleMaker(TrustDomain trustDomain, Duration life) {
        this.trustDomain = trustDomain;
        this.life = life;
    }

    /** The first epoch. */
    AuthorityJournal.State first(
            X509Certificate root, String rootName, SigningKey key, String keyName, Instant now)
            throws KeyVaultException {
        return state(
                1,
                List.of(root),
                List.of(key.publicKey()),
                Optional.empty(),
                rootName,
                key,
                keyName,
                now);
    }

    /** The same content as a new epoch with a new date. */
    AuthorityJournal.State again(AuthorityState current, Instant now) throws KeyVaultException {
        return state(
                current.epoch() + 1,
                current.bundle().roots(),
                current.bundle().signingKeys(),
                current.bundle().nextSigningKey(),
                current.journal().signingRoot(),
                current.bundleKey(),
                current.journal().bundleKey(),
                now);
    }

    /** With a third of its life remaining; also one from the future, after a clock was set back. */
    static boolean isDue(TrustBundle bundle, Instant now) {
        Duration life = Duration.between(bundle.issuedAt(), bundle.expires());
        Instant due = bundle.expires().minus(life.dividedBy(3));
        return !now.isBefore(due) || now.plus(life).isBefore(bundle.issuedAt());
    }

    static byte[] sign(SigningKey key, byte[] context, byte[] payload) throws KeyVaultException {
        ByteArrayOutputStream message = new ByteArrayOutputStream(context.length + payload.length);
        message.writeBytes(context);
        message.writeBytes(payload);
        return key.sign(message.toByteArray());
    }

    private AuthorityJournal.State state(
            long epoch,
            List<X509Certificate> roots,
            List<PublicKey> signingKeys,
            Optional<PublicKey> next,
            String rootName,
            SigningKey key,
            String keyName,
            Instant now)
            throws KeyVaultException {
        Instant issuedAt = now.truncatedTo(ChronoUnit.SECONDS);
        byte[] payload =
                BundleCodec.encode(
                        new TrustBundle(
                                trustDomain,
                                epoch,
                                issuedAt,
                                issuedAt.plus(life),
                                roots,
                                signingKeys,
                                next));
        return new AuthorityJournal.State(
                epoch,
                roots.stream().map(StateLoader::encoded).toList(),
                rootName,
                keyName,
                payload,
                SigningKeys.idOf(key.publicKey()),
                sign(key, SigningContext.BUNDLE.prefix(), payload),
                now);
    }
}
