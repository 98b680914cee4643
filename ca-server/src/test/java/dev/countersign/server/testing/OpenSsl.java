package dev.countersign.server.testing;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A root that is kept elsewhere: in files, with OpenSSL as people use it. */
public final class OpenSsl {
    private static final String ISSUER =
            """
            basicConstraints=critical,CA:TRUE,pathlen:1
            keyUsage=critical,keyCertSign,cRLSign
            subjectAltName=URI:spiffe://mesh.example
            subjectKeyIdentifier=hash
            authorityKeyIdentifier=keyid
            """;

    private final Path folder;

    /** A new root in {@code folder}, for {@code days}. */
    public OpenSsl(Path folder, String subject, int days) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder);
        run(
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-keyout",
                "root.key",
                "-out",
                "root.pem",
                "-days",
                Integer.toString(days),
                "-subj",
                subject,
                "-addext",
                "basicConstraints=critical,CA:TRUE,pathlen:2",
                "-addext",
                "keyUsage=critical,keyCertSign,cRLSign",
                "-addext",
                "subjectAltName=URI:spiffe://mesh.example");
    }

    /** Signs a request as an issuer. @return the chain, PEM */
    public Path sign(Path csr, int days) throws IOException {
        return sign(csr, days, ISSUER);
    }

    /** As {@link #sign(Path, int)}, with one extension written otherwise. */
    public Path sign(Path csr, int days, String extensions) throws IOException {
        Path file = Files.writeString(folder.resolve("issuer.ext"), extensions);
        Path issuer = folder.resolve("issuer.pem");
        run(
                "x509",
                "-req",
                "-in",
                csr.toString(),
                "-CA",
                "root.pem",
                "-CAkey",
                "root.key",
                "-set_serial",
                "0x" + Long.toHexString(System.nanoTime()),
                "-days",
                Integer.toString(days),
                "-extfile",
                file.toString(),
                "-out",
                issuer.toString());
        Path chain = folder.resolve("chain.pem");
        Files.writeString(chain, Files.readString(issuer) + Files.readString(root()));
        return chain;
    }

    public static String issuerExtensions() {
        return ISSUER;
    }

    public Path root() {
        return folder.resolve("root.pem");
    }

    /** A key of an operator's own: its private half {@code name.key}, its public half {@code name.pem}. */
    public Path operatorKey(String name) throws IOException {
        run("genpkey", "-algorithm", "ed25519", "-out", name + ".key");
        run("pkey", "-in", name + ".key", "-pubout", "-out", name + ".pem");
        Path key = folder.resolve(name + ".key");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        return key;
    }

    /** A web server's certificate for {@code host}, {@code host.pem}, and its key, {@code host.key}. */
    public void webServer(String host) throws IOException {
        Path request = folder.resolve(host + ".csr");
        run(
                "req",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-keyout",
                host + ".key",
                "-subj",
                "/CN=" + host,
                "-out",
                request.toString());
        sign(request, 30, "subjectAltName=DNS:" + host + "\nextendedKeyUsage=serverAuth\n");
        Files.move(folder.resolve("issuer.pem"), folder.resolve(host + ".pem"));
        Files.setPosixFilePermissions(
                folder.resolve(host + ".key"), PosixFilePermissions.fromString("rw-------"));
    }

    /** The root with its key, as one file. */
    public Path pkcs12(String passphrase) throws IOException {
        run(
                "pkcs12",
                "-export",
                "-inkey",
                "root.key",
                "-in",
                "root.pem",
                "-out",
                "root.p12",
                "-passout",
                "pass:" + passphrase);
        return folder.resolve("root.p12");
    }

    /** What {@code openssl verify} says of a chain, leaf first, by this root, at a moment. */
    public String verify(List<X509Certificate> chain, Instant at) throws IOException {
        Path leaf = Files.writeString(folder.resolve("leaf.pem"), pem(chain.subList(0, 1)));
        Path between =
                Files.writeString(
                        folder.resolve("between.pem"), pem(chain.subList(1, chain.size())));
        return run(
                "verify",
                "-attime",
                Long.toString(at.getEpochSecond()),
                "-x509_strict",
                "-CAfile",
                "root.pem",
                "-untrusted",
                between.toString(),
                leaf.toString());
    }

    /** Certificates of a PEM file. */
    public static List<X509Certificate> read(Path file) throws IOException {
        try {
            List<X509Certificate> all = new ArrayList<>();
            for (Certificate one :
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(
                                    new ByteArrayInputStream(Files.readAllBytes(file)))) {
                all.add((X509Certificate) one);
            }
            return all;
        } catch (CertificateException e) {
            throw new IOException(e);
        }
    }

    private String run(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Path out = folder.resolve("openssl.out");
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .start();
        try {
            boolean ended = process.waitFor(60, TimeUnit.SECONDS);
            String said = Files.readString(out, StandardCharsets.UTF_8);
            if (!ended || process.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + ": " + said);
            }
            return said;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static String pem(List<X509Certificate> certificates) {
        StringBuilder pem = new StringBuilder();
        for (X509Certificate one : certificates) {
            try {
                pem.append("-----BEGIN CERTIFICATE-----\n")
                        .append(
                                Base64.getMimeEncoder(64, new byte[] {'\n'})
                                        .encodeToString(one.getEncoded()))
                        .append("\n-----END CERTIFICATE-----\n");
            } catch (CertificateEncodingException e) {
                throw new IllegalStateException(e);
            }
        }
        return pem.toString();
    }
}
