package dev.countersign.server.x509;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/** Alternative names as text: {@code URI:…}, {@code DNS:…}, {@code IP:…}, …. */
final class AlternativeNames {
    static final String URI = "URI:";
    static final String DNS = "DNS:";

    private static final int DNS_TAG = 0x82;
    private static final int URI_TAG = 0x86;

    private AlternativeNames() {}

    /**
     * Every name of a DER GeneralNames, in order.
     *
     * @throws IllegalArgumentException when it is none, or a name is none
     */
    static List<String> text(byte[] generalNames) throws Der.Malformed {
        Der.check(generalNames);
        DerView names = DerView.of(generalNames).enter(DerWriter.SEQUENCE);
        List<String> text = new ArrayList<>(2);
        while (names.hasNext()) {
            switch (names.nextTag()) {
                case URI_TAG -> text.add(URI + ia5(names.read(URI_TAG)));
                case DNS_TAG -> text.add(DNS + ia5(names.read(DNS_TAG)));
                default -> text.add(text(GeneralName.getInstance(names.element())));
            }
        }
        return List.copyOf(text);
    }

    /** Every name in order. Characters outside printable ASCII become {@code ?}. */
    static List<String> text(GeneralNames names) {
        List<String> text = new ArrayList<>();
        for (GeneralName name : names.getNames()) {
            text.add(text(name));
        }
        return List.copyOf(text);
    }

    private static String text(GeneralName name) {
        ASN1Encodable value = name.getName();
        return switch (name.getTagNo()) {
            case GeneralName.uniformResourceIdentifier -> URI + ia5(value);
            case GeneralName.dNSName -> DNS + ia5(value);
            case GeneralName.rfc822Name -> "EMAIL:" + ia5(value);
            case GeneralName.iPAddress -> "IP:" + address(value);
            case GeneralName.directoryName -> "DIR:" + printable(value.toString());
            case GeneralName.registeredID -> "RID:" + value;
            case GeneralName.otherName -> "OTHER:" + printable(value.toString());
            default -> "TAG" + name.getTagNo() + ":" + printable(value.toString());
        };
    }

    private static String ia5(ASN1Encodable value) {
        return printable(ASN1IA5String.getInstance(value).getString());
    }

    private static String ia5(byte[] octets) {
        return printable(new String(octets, StandardCharsets.ISO_8859_1));
    }

    private static String address(ASN1Encodable value) {
        byte[] octets = ASN1OctetString.getInstance(value).getOctets();
        try {
            return InetAddress.getByAddress(octets).getHostAddress();
        } catch (UnknownHostException e) {
            return HexFormat.of().formatHex(octets);
        }
    }

    /** No control character of a request may reach a log; {@code ?} is in no SPIFFE ID. */
    private static String printable(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (!isPrintable(value.charAt(i))) {
                return shown(value);
            }
        }
        return value;
    }

    private static String shown(String value) {
        StringBuilder shown = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            shown.append(isPrintable(c) ? c : '?');
        }
        return shown.toString();
    }

    private static boolean isPrintable(char c) {
        return c >= 0x20 && c <= 0x7e;
    }
}
