package dev.countersign.server.servingcert;

import dev.countersign.server.issuance.ReservedNameIssuer;
import dev.countersign.server.issuance.ReservedNameRefused;
import dev.countersign.server.servingcert.ServingCertificate.Held;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;

/** Makes the server's key, and has it certified like every other. */
final class ServingIssuer {
    /** Less is not worth a rotation: the authority is about to be replaced, or the root ends. */
    private static final Duration MIN_LIFE = Duration.ofMinutes(1);

    private final ReservedNameIssuer issuer;
    private final Duration life;
    private final SecureRandom random;
    private final ServedName name;

    ServingIssuer(
            ServingCertificate.Parts parts, ServedName name, Duration life, SecureRandom random) {
        this.life = life;
        this.random = random;
        this.name = name;
        issuer =
                new ReservedNameIssuer(
                        new ReservedNameIssuer.Parts(
                                parts.signer(), parts.assembler(), parts.audit(), parts.verifier()),
                        name.purpose(),
                        life.compareTo(MIN_LIFE) < 0 ? life.dividedBy(2) : MIN_LIFE,
                        life,
                        random);
    }

    Held issue(Instant now) {
        KeyPair keys = newKeys();
        try {
            return new Held(
                    issuer.issue(
                            name.id(), name.dnsNames(), keys.getPublic().getEncoded(), life, now),
                    keys.getPrivate(),
                    now);
        } catch (ReservedNameRefused refused) {
            throw new ServingRefused(refused);
        }
    }

    /** By the JDK's own provider: every TLS implementation takes its keys. */
    private KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("own key", impossible); // every JDK has P-256
        }
    }
}
