package dev.countersign.server.rpc;

import com.google.protobuf.ByteString;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;

/** A chain as the contract has it: one DER certificate an element, in its order. */
final class ChainMessage {
    private ChainMessage() {}

    static List<ByteString> of(List<X509Certificate> chain) {
        return chain.stream().map(ChainMessage::encoded).toList();
    }

    private static ByteString encoded(X509Certificate certificate) {
        try {
            return ByteString.copyFrom(certificate.getEncoded());
        } catch (CertificateEncodingException impossible) {
            throw new IllegalStateException(impossible); // it was decoded from these bytes
        }
    }
}
