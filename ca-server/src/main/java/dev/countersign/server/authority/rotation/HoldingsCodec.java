package dev.countersign.server.authority.rotation;

import dev.countersign.trust.SigningKeys;
import dev.countersign.trust.TrustRefused;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Roots and keys as fields: certificates as DER, keys as SubjectPublicKeyInfo, both in base 64. */
final class HoldingsCodec {
    private static final String STANDBY = "standby";
    private static final String CROSS = "change.cross";
    private static final String ISSUERS = ".issuers";
    private static final int MAX_ISSUERS = 2;

    private HoldingsCodec() {}

    static void put(Fields out, Holdings holdings) {
        put(out, "signing", holdings.signing());
        holdings.standby().ifPresent(root -> put(out, STANDBY, root));
        put(out, "bundleKey", holdings.bundleKey());
        out.put("past.size", holdings.past().size());
        for (int i = 0; i < holdings.past().size(); i++) {
            put(out, "past." + i, holdings.past().get(i));
        }
    }

    static void put(Fields out, Change change) {
        out.put("subject", change.subject().name());
        switch (change) {
            case Change.OfRoot root -> {
                put(out, "change.from", root.from());
                put(out, "change.to", root.to());
                root.cross().ifPresent(cross -> out.put(CROSS, base64(cross)));
            }
            case Change.OfBundleKey key -> {
                put(out, "change.from", key.from());
                put(out, "change.to", key.to());
            }
        }
    }

    static Holdings holdings(Fields in) throws BadRotationText {
        int size = in.size("past", RotationCodec.MAX_PAST);
        List<PastRoot> past = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            past.add(past(in, "past." + i));
        }
        return new Holdings(
                root(in, "signing"),
                in.find(STANDBY + ".key").isPresent()
                        ? Optional.of(root(in, STANDBY))
                        : Optional.empty(),
                bundleKey(in, "bundleKey"),
                past);
    }

    static Change.Subject subject(Fields in) throws BadRotationText {
        return switch (in.text("subject")) {
            case "ROOT" -> Change.Subject.ROOT;
            case "BUNDLE_KEY" -> Change.Subject.BUNDLE_KEY;
            default -> throw in.malformed("subject", "ROOT or BUNDLE_KEY");
        };
    }

    static Change change(Fields in) throws BadRotationText {
        return switch (subject(in)) {
            case ROOT ->
                    new Change.OfRoot(
                            root(in, "change.from"),
                            root(in, "change.to"),
                            in.find(CROSS).isPresent()
                                    ? Optional.of(certificate(in, CROSS))
                                    : Optional.empty());
            case BUNDLE_KEY ->
                    new Change.OfBundleKey(
                            bundleKey(in, "change.from"), bundleKey(in, "change.to"));
            case JWT_KEY -> throw in.malformed("subject", "ROOT or BUNDLE_KEY");
        };
    }

    private static void put(Fields out, String at, KnownRoot root) {
        out.put(at + ".key", root.keyName()).put(at + ".certificate", base64(root.certificate()));
        if (!root.issuers().isEmpty()) {
            out.put(at + ISSUERS + ".size", root.issuers().size());
            for (int i = 0; i < root.issuers().size(); i++) {
                out.put(at + ISSUERS + "." + i, base64(root.issuers().get(i)));
            }
        }
    }

    private static void put(Fields out, String at, BundleKey key) {
        out.put(at + ".key", key.keyName())
                .put(at + ".public", Base64.getEncoder().encodeToString(key.key().getEncoded()));
    }

    private static void put(Fields out, String at, PastRoot past) {
        out.put(at + ".key", past.keyName())
                .put(at + ".keyId", past.keyId())
                .put(at + ".subject", past.subject())
                .put(at + ".keyHash", past.keyHash())
                .put(at + ".notAfter", past.notAfter())
                .put(at + ".distrusted", past.distrusted())
                .put(at + ".epoch", past.since().epoch())
                .put(at + ".at", past.since().at());
    }

    private static KnownRoot root(Fields in, String at) throws BadRotationText {
        List<X509Certificate> issuers = new ArrayList<>();
        if (in.find(at + ISSUERS + ".size").isPresent()) {
            int size = in.size(at + ISSUERS, MAX_ISSUERS);
            for (int i = 0; i < size; i++) {
                issuers.add(certificate(in, at + ISSUERS + "." + i));
            }
        }
        return KnownRoot.of(in.text(at + ".key"), certificate(in, at + ".certificate"), issuers);
    }

    private static BundleKey bundleKey(Fields in, String at) throws BadRotationText {
        try {
            return new BundleKey(
                    in.text(at + ".key"), SigningKeys.parse(bytes(in, at + ".public")));
        } catch (TrustRefused e) {
            throw in.malformed(at + ".public", "a P-256 key");
        }
    }

    private static PastRoot past(Fields in, String at) throws BadRotationText {
        return new PastRoot(
                in.text(at + ".key"),
                in.text(at + ".keyId"),
                in.text(at + ".subject"),
                in.text(at + ".keyHash"),
                in.instant(at + ".notAfter"),
                in.flag(at + ".distrusted"),
                new Mark(in.number(at + ".epoch"), in.instant(at + ".at")));
    }

    private static X509Certificate certificate(Fields in, String name) throws BadRotationText {
        byte[] der = bytes(in, name);
        try {
            X509Certificate certificate =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificate(new ByteArrayInputStream(der));
            if (Arrays.equals(certificate.getEncoded(), der)) {
                return certificate;
            }
        } catch (CertificateException e) {
            throw in.malformed(name, "a certificate, DER in base 64");
        }
        throw in.malformed(name, "one certificate and nothing else");
    }

    private static byte[] bytes(Fields in, String name) throws BadRotationText {
        try {
            return Base64.getDecoder().decode(in.text(name));
        } catch (IllegalArgumentException e) {
            throw in.malformed(name, "base 64");
        }
    }

    private static String base64(X509Certificate certificate) {
        try {
            return Base64.getEncoder().encodeToString(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("certificate: does not encode (expected: DER)", e);
        }
    }
}
