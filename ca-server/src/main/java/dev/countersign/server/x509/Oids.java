package dev.countersign.server.x509;

import java.util.Arrays;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;

/** Object identifiers in dotted form. */
final class Oids {
    /** The content octets of 2.5.29, under which all extensions are that certificates here have. */
    private static final byte[] CERTIFICATE_EXTENSIONS = {0x55, 0x1d};

    private static final String[] NAMES = names();

    private Oids() {}

    /**
     * Of these content octets.
     *
     * @throws IllegalArgumentException when they are no object identifier
     */
    static String dotted(byte[] content) {
        boolean known =
                content.length == 3
                        && content[2] >= 0
                        && Arrays.equals(content, 0, 2, CERTIFICATE_EXTENSIONS, 0, 2);
        return known ? NAMES[content[2]] : ASN1ObjectIdentifier.fromContents(content).getId();
    }

    private static String[] names() {
        String[] names = new String[Byte.MAX_VALUE + 1];
        Arrays.setAll(names, arc -> "2.5.29." + arc);
        return names;
    }
}
