package dev.countersign.agent.svid;

import dev.countersign.agent.ca.CaClient;
import dev.countersign.agent.ca.ClientIdentity;
import dev.countersign.agent.ca.IssueOutcome;
import dev.countersign.agent.ca.RefreshWindow;
import dev.countersign.identity.SpiffeId;
import dev.countersign.trust.DenyList;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import dev.countersign.trust.X509Svid;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One request for a certificate, from a new key to a verified identity. Nothing that came from the
 * CA or from disk is used before the same verifier that peers run has accepted it and the key was
 * seen to fit.
 */
final class SvidRequest {
    /** What the server says of a certificate that it does not renew. */
    private static final Set<String> ABOUT_THE_CERTIFICATE =
            Set.of("CERTIFICATE_REVOKED", "ISSUER_REVOKED");

    private final CaClient ca;
    private final SvidVerifier verifier;
    private final DenyList denyList;
    private final SecureRandom random;

    SvidRequest(CaClient ca, SvidVerifier verifier, DenyList denyList, SecureRandom random) {
        this.ca = ca;
        this.verifier = verifier;
        this.denyList = denyList;
        this.random = random;
    }

    /** What a request came to. */
    sealed interface Outcome {
        /** A verified identity with a new key. */
        record Received(Identity identity) implements Outcome {}

        /**
         * Nothing usable; {@code why} is for a person.
         *
         * @param certificateRevoked whether the certificate that was presented is what stands against
         *     it: the token alone may do
         */
        record Failed(String why, Optional<Duration> retryAfter, boolean certificateRevoked)
                implements Outcome {
            Failed(String why, Optional<Duration> retryAfter) {
                this(why, retryAfter, false);
            }
        }
    }

    /**
     * @param current what to authenticate with beside the token
     * @param expected the identity held before: a renewal never changes it
     */
    Outcome send(Optional<ClientIdentity> current, Optional<SpiffeId> expected) {
        KeyPair pair = newPair();
        return switch (ca.issue(csr(pair), current)) {
            case IssueOutcome.Issued issued -> receive(issued, pair, expected);
            case IssueOutcome.Refused refused ->
                    new Outcome.Failed(
                            "the CA refuses: " + refused.reason() + ": " + refused.message(),
                            refused.retryAfter(),
                            current.isPresent()
                                    && ABOUT_THE_CERTIFICATE.contains(refused.reason()));
            case IssueOutcome.Unavailable away ->
                    new Outcome.Failed(away.waitingFor(), Optional.empty());
        };
    }

    /**
     * Believes a kept identity under the rules of a new one.
     *
     * @throws IOException when it is unreadable, expired, untrusted or its key does not fit
     */
    Identity restore(byte[] kept) throws IOException {
        IdentityCodec.Kept parsed = IdentityCodec.decode(kept);
        try {
            return believe(parsed.chain(), parsed.key(), parsed.refresh(), Optional.empty());
        } catch (TrustRefused e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Whether peers would still believe this chain: the bundle held now, and the deny list. */
    boolean trusts(X509Svid svid) {
        try {
            return denyList.denies(verifier.verify(svid.chain())).isEmpty();
        } catch (TrustRefused e) {
            return false;
        }
    }

    /** Whether this root is the one that vouches for the chain now. */
    boolean leadsTo(X509Svid svid, String rootKeyId) {
        try {
            return verifier.verify(svid.chain()).rootKeyId().equals(rootKeyId);
        } catch (TrustRefused e) {
            return false;
        }
    }

    private Outcome receive(IssueOutcome.Issued issued, KeyPair pair, Optional<SpiffeId> expected) {
        try {
            if (issued.chain().isEmpty()
                    || !Arrays.equals(
                            issued.chain().getFirst().getPublicKey().getEncoded(),
                            pair.getPublic().getEncoded())) {
                return new Outcome.Failed(
                        "the CA answered with a certificate for another key", Optional.empty());
            }
            return new Outcome.Received(
                    believe(issued.chain(), pair.getPrivate(), issued.refresh(), expected));
        } catch (TrustRefused | IOException e) {
            return new Outcome.Failed(
                    "the certificate from the CA is refused: " + e.getMessage(), Optional.empty());
        }
    }

    private Identity believe(
            List<X509Certificate> chain,
            PrivateKey key,
            RefreshWindow refresh,
            Optional<SpiffeId> expected)
            throws TrustRefused, IOException {
        VerifiedPeer self =
                expected.isPresent()
                        ? verifier.verify(chain, expected.get())
                        : verifier.verify(chain);
        if (!Identity.matches(key, chain.getFirst().getPublicKey())) {
            throw new IOException("key: does not fit the certificate");
        }
        return new Identity(new X509Svid(self.id(), chain), key, refresh);
    }

    private KeyPair newPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no P-256", e);
        }
    }

    private static byte[] csr(KeyPair pair) {
        try {
            return CertificateSigningRequest.of(pair);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no ECDSA", e);
        }
    }
}
