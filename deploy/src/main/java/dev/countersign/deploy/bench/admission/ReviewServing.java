package dev.countersign.deploy.bench.admission;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.admission.AdmissionServer;
import dev.countersign.server.admission.injection.InjectionReviewer;
import dev.countersign.server.admission.injection.InjectionSettings;
import dev.countersign.server.admission.injection.Injector;
import dev.countersign.server.admission.policies.PolicyReviewer;
import dev.countersign.server.admission.review.Reviewer;
import dev.countersign.wire.Pem;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** {@code ReviewServing FOLDER}: the webhooks' port; writes {@code port} and {@code root.pem} there. */
public final class ReviewServing {
    private static final char[] NO_PASSWORD = new char[0];

    private ReviewServing() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair keys = generator.generateKeyPair();
        X509Certificate certificate = certificate(keys);
        try (AdmissionServer server =
                AdmissionServer.start(
                        new AdmissionServer.Settings(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16),
                        tls(keys, certificate),
                        reviewers(),
                        new SimpleMeterRegistry())) {
            Files.writeString(
                    folder.resolve("root.pem"),
                    Pem.encode("CERTIFICATE", certificate.getEncoded()));
            Files.writeString(folder.resolve("port"), Integer.toString(server.port()));
            new CountDownLatch(1).await();
        }
    }

    private static Map<String, Reviewer> reviewers() {
        InjectionSettings settings =
                new InjectionSettings(
                        "bench",
                        "countersign/sidecar-agent:bench",
                        "IfNotPresent",
                        new TrustDomain("example.org"),
                        "countersign.countersign-system.svc:8443",
                        "countersign",
                        Duration.ofHours(1),
                        "countersign-trust",
                        "bootstrap.json",
                        InjectionSettings.Mode.REDIRECT,
                        true,
                        false,
                        true,
                        1337,
                        "info",
                        InjectionSettings.Resources.STANDARD);
        return Map.of(
                "/inject/wanted", new InjectionReviewer(new Injector(settings), Optional.of(true)),
                "/policies", new PolicyReviewer(Optional.empty()));
    }

    private static SSLContext tls(KeyPair keys, X509Certificate certificate) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setKeyEntry("own", keys.getPrivate(), NO_PASSWORD, new Certificate[] {certificate});
        KeyManagerFactory managers =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, NO_PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    private static X509Certificate certificate(KeyPair keys) throws Exception {
        Instant now = Instant.now();
        X500Principal name = new X500Principal("CN=localhost");
        return new JcaX509CertificateConverter()
                .getCertificate(
                        new JcaX509v3CertificateBuilder(
                                        name,
                                        BigInteger.ONE,
                                        Date.from(now.minusSeconds(60)),
                                        Date.from(now.plusSeconds(86_400)),
                                        name,
                                        keys.getPublic())
                                .addExtension(
                                        Extension.subjectAlternativeName,
                                        false,
                                        new GeneralNames(
                                                new GeneralName(GeneralName.dNSName, "localhost")))
                                .build(
                                        new JcaContentSignerBuilder("SHA256withECDSA")
                                                .build(keys.getPrivate())));
    }
}
