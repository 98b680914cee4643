package dev.countersign.agent.svid;

import dev.countersign.agent.ca.ClientIdentity;
import dev.countersign.agent.ca.RefreshWindow;
import dev.countersign.trust.X509Svid;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Instant;

/**
 * A verified chain, its key and when the server wants it renewed; made only by {@link
 * SvidRequest}. The key is secret; {@link #toString} hides it.
 *
 * @param svid the chain, verified
 * @param key of the leaf
 * @param refresh the server's window
 */
record Identity(X509Svid svid, PrivateKey key, RefreshWindow refresh) {
    Instant notAfter() {
        return svid.leaf().getNotAfter().toInstant();
    }

    ClientIdentity asClient() {
        return new ClientIdentity(svid.chain(), key);
    }

    /** Whether the key signs what the leaf's public key verifies. */
    static boolean matches(PrivateKey key, PublicKey leaf) {
        byte[] probe = "countersign key match".getBytes(StandardCharsets.US_ASCII);
        try {
            Signature signer = Signature.getInstance("SHA256withECDSA");
            signer.initSign(key);
            signer.update(probe);
            Signature verifier = Signature.getInstance("SHA256withECDSA");
            verifier.initVerify(leaf);
            verifier.update(probe);
            return verifier.verify(signer.sign());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    @Override
    public String toString() {
        return svid.id() + " until " + notAfter();
    }
}
