package dev.countersign.server.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.testing.Patience;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

/**
 * A server of custom resources that checks all that a definition says, CEL rules included: a current API
 * server, or the kit's current server of such resources beside its old API server, which takes rules
 * and forgets them.
 */
public final class CustomResourceServer {
    private static final String PROGRAM = "apiextensions-apiserver";

    private CustomResourceServer() {}

    /** May do everything there; one for all tests of this JVM. The test is skipped where none is. */
    public static KubernetesClient shared() {
        boolean current = KubeBinaries.current().isPresent();
        assumeTrue(
                current || (KubeBinaries.ofKit().isPresent() && Files.isExecutable(program())),
                "no current server of custom resources (expected: COUNTERSIGN_TEST_KUBE, or what"
                        + " $COUNTERSIGN_KUBE_KIT/get.sh crd makes)");
        return current ? KubeServer.current().admin() : OfKit.CLIENT;
    }

    private static Path program() {
        String home = System.getenv("KUBE_KIT_HOME");
        Path made =
                home != null && !home.isEmpty()
                        ? Path.of(home)
                        : Path.of(System.getProperty("user.home"), ".cache", "kube-kit");
        return made.resolve("bin").resolve(PROGRAM);
    }

    private static KubernetesClient start() {
        KubeServer main = KubeServer.shared();
        try {
            int port = freePort();
            Process process = start(main, port);
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            Path kubeconfig = main.kubeconfig().resolveSibling("crd.kubeconfig");
            Files.writeString(kubeconfig, main.kubeconfigOf("https://127.0.0.1:" + port));
            KubernetesClient client =
                    new KubernetesClientBuilder()
                            .withConfig(Config.fromKubeconfig(kubeconfig.toFile()))
                            .build();
            Awaitility.await(PROGRAM + " ready")
                    .atMost(Patience.OF_TESTS)
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> isReady(client));
            return client;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Process start(KubeServer main, int port) throws IOException {
        Path kubeconfig = main.kubeconfig();
        return new ProcessBuilder(
                        program().toString(),
                        "--etcd-servers=http://127.0.0.1:" + main.etcdPort(),
                        "--etcd-prefix=/crd",
                        "--bind-address=127.0.0.1",
                        "--secure-port=" + port,
                        "--tls-cert-file=" + kubeconfig.resolveSibling("apiserver.crt"),
                        "--tls-private-key-file=" + kubeconfig.resolveSibling("apiserver.key"),
                        "--client-ca-file=" + kubeconfig.resolveSibling("client.crt"),
                        "--kubeconfig=" + kubeconfig,
                        "--authentication-kubeconfig=" + kubeconfig,
                        "--authentication-skip-lookup=true",
                        "--authorization-kubeconfig=" + kubeconfig,
                        "--disable-admission-plugins=ValidatingAdmissionPolicy,"
                                + "MutatingAdmissionPolicy",
                        "--enable-priority-and-fairness=false")
                .redirectErrorStream(true)
                .redirectOutput(kubeconfig.resolveSibling(PROGRAM + ".log").toFile())
                .start();
    }

    private static boolean isReady(KubernetesClient client) {
        try {
            client.apiextensions().v1().customResourceDefinitions().list();
            return true;
        } catch (KubernetesClientException notYet) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    /** Started on first use; all else stands outside, for Awaitility's thread may not enter it yet. */
    private static final class OfKit {
        private static final KubernetesClient CLIENT = start();
    }
}
