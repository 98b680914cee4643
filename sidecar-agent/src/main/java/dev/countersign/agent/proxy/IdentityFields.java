package dev.countersign.agent.proxy;

import dev.countersign.agent.provider.HeaderField;
import dev.countersign.agent.proxy.http.AddedFields;
import dev.countersign.identity.SpiffeId;
import dev.countersign.trust.VerifiedPeer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * How the application is told who calls. What callers send under these names is always taken out.
 *
 * @param peer {@code x-countersign-peer}: the caller's SPIFFE ID
 * @param clientCertificate {@code x-forwarded-client-cert}, as Envoy documents it: {@code By=} our
 *     SPIFFE ID, {@code Hash=} the SHA-256 of the caller's certificate, {@code URI=} its SPIFFE ID. One
 *     element, for the last hop alone
 */
public record IdentityFields(boolean peer, boolean clientCertificate) {
    static final String PEER = "x-countersign-peer";
    static final String CLIENT_CERTIFICATE = "x-forwarded-client-cert";

    public static IdentityFields defaults() {
        return new IdentityFields(true, false);
    }

    /**
     * The fields of every request on a connection.
     *
     * @param own who we are on it
     */
    AddedFields of(VerifiedPeer caller, SSLSession session, Optional<SpiffeId> own) {
        List<HeaderField> fields = new ArrayList<>();
        if (peer) {
            fields.add(new HeaderField(PEER, caller.id().toString()));
        }
        if (clientCertificate) {
            fields.add(new HeaderField(CLIENT_CERTIFICATE, element(caller, session, own)));
        }
        return AddedFields.of(fields);
    }

    /** No value needs quotes: a SPIFFE ID has none of {@code , ; = "}. */
    private static String element(VerifiedPeer caller, SSLSession session, Optional<SpiffeId> own) {
        return own.map(id -> "By=" + id + ";").orElse("")
                + "Hash="
                + hash(session)
                + ";URI="
                + caller.id();
    }

    private static String hash(SSLSession session) {
        try {
            Certificate leaf = session.getPeerCertificates()[0];
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(leaf.getEncoded());
            return HexFormat.of().formatHex(digest);
        } catch (SSLPeerUnverifiedException | GeneralSecurityException e) {
            throw new IllegalStateException("a verified peer has a certificate", e);
        }
    }
}
