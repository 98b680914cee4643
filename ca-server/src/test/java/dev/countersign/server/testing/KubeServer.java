package dev.countersign.server.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.server.kubernetes.KubernetesSettings;
import dev.countersign.testing.Patience;
import io.fabric8.kubeapitest.cert.CertManager;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/**
 * A real API server with an etcd of its own, as two processes of this machine. {@link #shared} is one
 * for all tests of this JVM, each of which works in namespaces of its own ({@link #newNamespace}) and
 * never stops it; {@link #own} is for a test that does. Controllers there are none: no default
 * service account, no endpoints, and a deleted namespace keeps what is in it.
 *
 * <p>It is started here and not by kube-api-test's own class, because that gives it an issuer with
 * which an old one publishes no keys; the certificates are made by kube-api-test.
 */
public final class KubeServer implements AutoCloseable {
    /** The {@code iss} of its tokens. */
    public static final String ISSUER = "https://kubernetes.default.svc.cluster.local";

    private static final AtomicInteger NAMESPACES = new AtomicInteger();
    private static final String HOW =
            "no kube-apiserver (expected: $KUBE_KIT_HOME or ~/.cache/kube-kit, made by"
                    + " $COUNTERSIGN_KUBE_KIT/get.sh api)";
    private static final String HOW_CURRENT =
            "no current kube-apiserver (expected: its folder in COUNTERSIGN_TEST_KUBE)";

    private final KubeBinaries binaries;
    private final List<String> flags;
    private final Path folder;
    private final int port;
    private final int etcdPort;
    private final Process etcd;
    private Process apiServer;
    private final KubernetesClient admin;

    private KubeServer(KubeBinaries binaries, List<String> flags) throws IOException {
        this.binaries = binaries;
        this.flags = flags;
        this.folder = Files.createTempDirectory("countersign-kube");
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
        this.etcdPort = freePort();
        this.port = freePort();
        certificates();
        Files.writeString(kubeconfig(), kubeconfigOf("https://127.0.0.1:" + port));
        this.etcd = startEtcd(freePort());
        this.apiServer = startApiServer();
        this.admin = client(kubeconfig());
        awaitReady();
    }

    /** The kit's server; the test is skipped where there is none. */
    public static KubeServer shared() {
        assumeTrue(KubeBinaries.ofKit().isPresent(), HOW);
        return OfKit.SERVER;
    }

    /** A current server; the test is skipped where there is none. */
    public static KubeServer current() {
        assumeTrue(KubeBinaries.current().isPresent(), HOW_CURRENT);
        return Current.SERVER;
    }

    /** Another one of the kit, for a test that does what others would not survive. */
    public static KubeServer own(String... flags) throws IOException {
        Optional<KubeBinaries> kit = KubeBinaries.ofKit();
        assumeTrue(kit.isPresent(), HOW);
        return new KubeServer(kit.orElseThrow(), List.of(flags));
    }

    /** May do everything. */
    public KubernetesClient admin() {
        return admin;
    }

    public String url() {
        return "https://127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    public int etcdPort() {
        return etcdPort;
    }

    /** Of one who may do everything. */
    public Path kubeconfig() {
        return folder.resolve("admin.kubeconfig");
    }

    /** As the administrator, but to another address: a proxy in front of it. */
    public String kubeconfigOf(String url) {
        return kubeconfigWith(
                url,
                "\"client-certificate-data\":\"%s\",\"client-key-data\":\"%s\""
                        .formatted(base64("client.crt"), base64("client.key")));
    }

    /** As who has this bearer token. */
    public String kubeconfigOf(String url, String token) {
        return kubeconfigWith(url, "\"token\":\"%s\"".formatted(token));
    }

    /** Shows its certificate, and believes it: for a {@link KubeProxy} in front of it. */
    SSLContext tls() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        Certificate certificate;
        try (InputStream in = Files.newInputStream(folder.resolve("apiserver.crt"))) {
            certificate = CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
        store.setCertificateEntry("server", certificate);
        store.setKeyEntry("key", privateKey(), new char[0], new Certificate[] {certificate});
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private PrivateKey privateKey() throws IOException {
        try (PEMParser pem =
                new PEMParser(Files.newBufferedReader(folder.resolve("apiserver.key")))) {
            return switch (pem.readObject()) {
                case PEMKeyPair pair -> new JcaPEMKeyConverter().getKeyPair(pair).getPrivate();
                case PrivateKeyInfo info -> new JcaPEMKeyConverter().getPrivateKey(info);
                default -> throw new IOException("apiserver.key: no key");
            };
        }
    }

    /** A token that may do everything: for doors that a client certificate does not pass. */
    public String adminToken() {
        ServiceAccount account =
                new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withNamespace("default")
                        .withName("test-admin")
                        .endMetadata()
                        .build();
        admin.resource(account).createOr(NonDeletingOperation::update);
        admin.resource(
                        new ClusterRoleBindingBuilder()
                                .withNewMetadata()
                                .withName("test-admin")
                                .endMetadata()
                                .withNewRoleRef(
                                        "rbac.authorization.k8s.io", "ClusterRole", "cluster-admin")
                                .addNewSubject(null, "ServiceAccount", "test-admin", "default")
                                .build())
                .createOr(NonDeletingOperation::update);
        return admin.serviceAccounts()
                .inNamespace("default")
                .withName("test-admin")
                .tokenRequest(new TokenRequestBuilder().withNewSpec().endSpec().build())
                .getStatus()
                .getToken();
    }

    /** For a server under test that works as administrator in {@code namespace}. */
    public KubernetesSettings settings(String namespace) {
        return KubernetesSettings.of(
                new KubernetesSettings.Kubeconfig(kubeconfig(), Optional.empty()),
                Optional.of(namespace),
                true);
    }

    /** A client from a kubeconfig; the caller closes it. */
    public static KubernetesClient client(Path kubeconfig) {
        return new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(kubeconfig.toFile()))
                .build();
    }

    /** Makes a namespace that no other test of this JVM has. */
    public String newNamespace(String stem) {
        String name = stem + "-" + NAMESPACES.incrementAndGet();
        admin.resource(
                        new NamespaceBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .endMetadata()
                                .build())
                .create();
        return name;
    }

    /** Ends the API server alone; what it keeps stays. Only of an {@link #own} one. */
    public void stopApiServer() {
        kill(apiServer);
    }

    /** Starts it again, at the same address. */
    public void restartApiServer() throws IOException {
        kill(apiServer);
        apiServer = startApiServer();
        awaitReady();
    }

    @Override
    public void close() {
        if (admin != null) {
            admin.close();
        }
        kill(apiServer);
        kill(etcd);
        delete(folder);
    }

    private void certificates() {
        new CertManager(folder.toString()).createCertificatesIfNeeded();
    }

    private Process startEtcd(int peerPort) throws IOException {
        String clients = "http://127.0.0.1:" + etcdPort;
        String peers = "http://127.0.0.1:" + peerPort;
        return start(
                "etcd",
                "--data-dir=" + folder.resolve("etcd"),
                "--listen-client-urls=" + clients,
                "--advertise-client-urls=" + clients,
                "--listen-peer-urls=" + peers,
                "--initial-advertise-peer-urls=" + peers,
                "--initial-cluster=default=" + peers,
                "--log-level=warn");
    }

    private Process startApiServer() throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "--etcd-servers=http://127.0.0.1:" + etcdPort,
                                "--bind-address=127.0.0.1",
                                "--secure-port=" + port,
                                // A name in the Service "kubernetes" only; nothing is sent to it.
                                "--advertise-address=192.0.2.1",
                                "--cert-dir=" + folder,
                                "--tls-cert-file=" + folder.resolve("apiserver.crt"),
                                "--tls-private-key-file=" + folder.resolve("apiserver.key"),
                                "--client-ca-file=" + folder.resolve("client.crt"),
                                "--authorization-mode=RBAC",
                                "--service-account-issuer=" + ISSUER,
                                "--api-audiences=" + ISSUER,
                                "--service-account-signing-key-file="
                                        + folder.resolve("apiserver.key"),
                                "--service-account-key-file=" + folder.resolve("apiserver.key"),
                                "--service-account-extend-token-expiration=false",
                                "--disable-admission-plugins=ServiceAccount",
                                "--service-cluster-ip-range=10.0.0.0/16",
                                "--allow-privileged"));
        command.addAll(flags);
        return start("kube-apiserver", command.toArray(String[]::new));
    }

    private Process start(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(binaries.program(program).toString());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve(program + ".log").toFile()))
                .start();
    }

    private void awaitReady() {
        Awaitility.await("API server ready, see " + folder)
                .atMost(Patience.OF_TESTS.multipliedBy(2))
                .pollInterval(Duration.ofMillis(200))
                .until(this::isReady);
    }

    private boolean isReady() {
        if (!apiServer.isAlive() || !etcd.isAlive()) {
            throw new IllegalStateException("ended at its start, see the logs in " + folder);
        }
        try {
            return "ok".equals(admin.raw("/readyz"))
                    && admin.namespaces().withName("default").get() != null;
        } catch (KubernetesClientException notYet) {
            return false;
        }
    }

    private String kubeconfigWith(String url, String user) {
        return """
        {"apiVersion":"v1","kind":"Config",
         "clusters":[{"name":"test","cluster":{"server":"%s",\
        "certificate-authority-data":"%s"}}],
         "users":[{"name":"user","user":{%s}}],
         "contexts":[{"name":"test","context":{"cluster":"test","user":"user"}}],
         "current-context":"test"}
        """
                .formatted(url, base64("apiserver.crt"), user);
    }

    private String base64(String file) {
        try {
            return Base64.getEncoder().encodeToString(Files.readAllBytes(folder.resolve(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Below those that the kernel gives to the tests beside this one until it has started. */
    private static int freePort() throws IOException {
        Random random = new Random();
        for (int i = 0; i < 100; i++) {
            int port = random.nextInt(20_000, 30_000);
            try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return probe.getLocalPort();
            } catch (BindException taken) {
                // the next one
            }
        }
        throw new IOException("no free port from 20000 to 29999");
    }

    private static void kill(Process process) {
        if (process == null) {
            return;
        }
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }

    private static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .map(Path::toFile)
                    .forEach(File::delete);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Started on first use. */
    private static final class OfKit {
        private static final KubeServer SERVER = start(KubeBinaries.ofKit().orElseThrow());
    }

    /** Started on first use. */
    private static final class Current {
        private static final KubeServer SERVER =
                start(
                        KubeBinaries.current().orElseThrow(),
                        // Still beta, and off unless asked for.
                        "--feature-gates=ClusterTrustBundle=true",
                        "--runtime-config=certificates.k8s.io/v1beta1/clustertrustbundles=true");
    }

    private static KubeServer start(KubeBinaries binaries, String... flags) {
        try {
            return new KubeServer(binaries, List.of(flags));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
