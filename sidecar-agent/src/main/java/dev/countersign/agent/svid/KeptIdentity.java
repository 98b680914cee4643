package dev.countersign.agent.svid;

import dev.countersign.identity.SpiffeId;
import dev.countersign.trust.X509Svid;
import java.io.IOException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;

/** The identity that an agent keeps in its state directory, for tools beside it. */
public final class KeptIdentity {
    private static final Integer URI = 6;

    private KeptIdentity() {}

    /**
     * Parses; nobody has verified it.
     *
     * @param bytes as {@link SvidStore} keeps them
     * @throws IOException when they are not that; says nothing of the key
     */
    public static HeldSvid decode(byte[] bytes) throws IOException {
        IdentityCodec.Kept kept = IdentityCodec.decode(bytes);
        SpiffeId id = SpiffeId.parse(uri(kept.chain().getFirst()));
        return new HeldSvid(new X509Svid(id, kept.chain()), kept.key(), 1);
    }

    /** The name that a certificate gives as a URI; empty when there is none. */
    public static String uri(X509Certificate certificate) throws IOException {
        try {
            if (certificate.getSubjectAlternativeNames() != null) {
                for (List<?> name : certificate.getSubjectAlternativeNames()) {
                    if (URI.equals(name.get(0))) {
                        return String.valueOf(name.get(1));
                    }
                }
            }
            return "";
        } catch (CertificateParsingException e) {
            throw new IOException("certificate: its names cannot be read", e);
        }
    }
}
