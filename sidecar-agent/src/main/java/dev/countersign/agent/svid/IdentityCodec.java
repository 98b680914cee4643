package dev.countersign.agent.svid;

import dev.countersign.agent.ca.RefreshWindow;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** An identity as bytes for the state directory, and back: parsed, not yet believed. */
final class IdentityCodec {
    private static final int VERSION = 1;
    private static final int MAX_PART = 64 * 1024;
    private static final int MAX_CHAIN = 8;

    private IdentityCodec() {}

    /** What was kept, before anybody verified it. */
    record Kept(List<X509Certificate> chain, PrivateKey key, RefreshWindow refresh) {
        @Override
        public String toString() {
            return "Kept[" + chain.size() + " certificates]";
        }
    }

    static byte[] encode(Identity identity) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            writePart(out, identity.key().getEncoded());
            out.writeLong(identity.refresh().notBefore().toEpochMilli());
            out.writeLong(identity.refresh().notAfter().toEpochMilli());
            out.writeByte(identity.svid().chain().size());
            for (X509Certificate certificate : identity.svid().chain()) {
                writePart(out, certificate.getEncoded());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a parsed certificate has no encoding", e);
        }
        return bytes.toByteArray();
    }

    /**
     * @throws IOException when the bytes are not what {@link #encode} wrote; no detail of the key
     */
    static Kept decode(byte[] bytes) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new IOException("identity: version " + version + " (expected: 1)");
            }
            PrivateKey key =
                    KeyFactory.getInstance("EC")
                            .generatePrivate(new PKCS8EncodedKeySpec(readPart(in)));
            RefreshWindow refresh =
                    new RefreshWindow(
                            Instant.ofEpochMilli(in.readLong()),
                            Instant.ofEpochMilli(in.readLong()));
            return new Kept(readChain(in), key, refresh);
        } catch (GeneralSecurityException e) {
            throw new IOException("identity: key or certificate unreadable", e);
        }
    }

    private static List<X509Certificate> readChain(DataInputStream in)
            throws IOException, GeneralSecurityException {
        int size = in.readUnsignedByte();
        if (size == 0 || size > MAX_CHAIN) {
            throw new IOException("identity: chain of " + size + " (expected: 1 to 8)");
        }
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> chain = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            chain.add(
                    (X509Certificate)
                            factory.generateCertificate(new ByteArrayInputStream(readPart(in))));
        }
        return chain;
    }

    private static void writePart(DataOutputStream out, byte[] part) throws IOException {
        out.writeInt(part.length);
        out.write(part);
    }

    private static byte[] readPart(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MAX_PART) {
            throw new IOException("identity: part of " + length + " bytes (expected: <= 65536)");
        }
        byte[] part = in.readNBytes(length);
        if (part.length != length) {
            throw new IOException("identity: ends early");
        }
        return part;
    }
}
