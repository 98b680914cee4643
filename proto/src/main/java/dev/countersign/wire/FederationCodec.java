package dev.countersign.wire;

import com.google.protobuf.ByteString;
import dev.countersign.feed.FederatedBundle;
import dev.countersign.identity.TrustDomain;
import dev.countersign.trust.RootCertificates;
import dev.countersign.trust.TrustRefused;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** Bundles of other trust domains; each root is held to the rules of roots of its own domain. */
final class FederationCodec {
    private FederationCodec() {}

    static dev.countersign.wire.v1.FederatedBundle encode(FederatedBundle bundle) {
        var message =
                dev.countersign.wire.v1.FederatedBundle.newBuilder()
                        .setTrustDomain(bundle.trustDomain().name())
                        .setSequence(bundle.sequence());
        bundle.roots().forEach(root -> message.addRoots(der(root)));
        return message.build();
    }

    static List<FederatedBundle> decode(List<dev.countersign.wire.v1.FederatedBundle> messages)
            throws TrustRefused {
        List<FederatedBundle> bundles = new ArrayList<>(messages.size());
        for (var message : messages) {
            TrustDomain trustDomain = new TrustDomain(message.getTrustDomain());
            List<X509Certificate> roots = new ArrayList<>();
            for (ByteString root : message.getRootsList()) {
                roots.add(RootCertificates.parse(root.toByteArray(), trustDomain));
            }
            bundles.add(new FederatedBundle(trustDomain, roots, message.getSequence()));
        }
        return bundles;
    }

    private static ByteString der(X509Certificate root) {
        try {
            return ByteString.copyFrom(root.getEncoded());
        } catch (CertificateEncodingException impossible) {
            throw new IllegalStateException(impossible); // it was parsed from its encoding
        }
    }
}
