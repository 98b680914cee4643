package dev.countersign.server.authority;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.authority.rotation.BundleKey;
import dev.countersign.server.authority.rotation.BundleKeys;
import dev.countersign.server.authority.rotation.KnownRoot;
import dev.countersign.server.authority.rotation.Mark;
import dev.countersign.server.authority.rotation.RotationCodec;
import dev.countersign.server.authority.rotation.RotationState;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.SigningKey;
import dev.countersign.trust.SigningContext;
import dev.countersign.trust.SigningKeys;
import dev.countersign.trust.TrustBundle;
import dev.countersign.wire.BundleCodec;
import java.io.ByteArrayOutputStream;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Makes and signs epochs. */
final class BundleMaker {
    private final TrustDomain trustDomain;
    private final Duration life;

    BundleMaker(TrustDomain trustDomain, Duration life) {
        this.trustDomain = trustDomain;
        this.life = life;
    }

    /** The first epoch. */
    AuthorityJournal.State first(KnownRoot root, SigningKey key, String keyName, Instant now)
            throws KeyVaultException {
        RotationState first =
                RotationState.first(
                        root, new BundleKey(keyName, key.publicKey()), new Mark(1, now));
        return state(1, first, key, now);
    }

    /** The same content as a new epoch with a new date. */
    AuthorityJournal.State again(AuthorityState current, Instant now) throws KeyVaultException {
        return state(current.epoch() + 1, current.rotation(), current.bundleKey(), now);
    }

    /**
     * The epoch that a move makes.
     *
     * @param key of the bundle's signer in {@code next}
     */
    AuthorityJournal.State moved(
            AuthorityState current, RotationState next, SigningKey key, Instant now)
            throws KeyVaultException {
        return state(current.epoch() + 1, next, key, now);
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
            long epoch, RotationState rotation, SigningKey key, Instant now)
            throws KeyVaultException {
        List<X509Certificate> roots =
                rotation.trusted().stream().map(KnownRoot::certificate).toList();
        BundleKeys keys = rotation.bundleKeys();
        Instant issuedAt = now.truncatedTo(ChronoUnit.SECONDS);
        byte[] payload =
                BundleCodec.encode(
                        new TrustBundle(
                                trustDomain,
                                epoch,
                                issuedAt,
                                issuedAt.plus(life),
                                roots,
                                keys.listed().stream().map(BundleKey::key).toList(),
                                keys.next().map(BundleKey::key)));
        return new AuthorityJournal.State(
                epoch,
                roots.stream().map(StateLoader::encoded).toList(),
                rotation.signing().keyName(),
                keys.signer().keyName(),
                payload,
                SigningKeys.idOf(key.publicKey()),
                sign(key, SigningContext.BUNDLE.prefix(), payload),
                now,
                RotationCodec.encode(rotation));
    }
}
