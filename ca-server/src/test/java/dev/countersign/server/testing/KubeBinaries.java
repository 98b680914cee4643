package dev.countersign.server.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An API server and its etcd as programs, from a folder in the layout of kube-api-test: {@code
 * k8s/VERSION-OS-ARCH/}.
 *
 * @param folder that holds {@code etcd} and {@code kube-apiserver}
 */
public record KubeBinaries(Path folder) {
    /**
     * Of the kit that builds a Kubernetes on this machine ({@code COUNTERSIGN_KUBE_KIT} names its
     * scripts, {@code KUBE_KIT_HOME} what they made): an old one, 1.20. Empty when it was not built.
     */
    public static Optional<KubeBinaries> ofKit() {
        String home = System.getenv("KUBE_KIT_HOME");
        Path made =
                home != null && !home.isEmpty()
                        ? Path.of(home)
                        : Path.of(System.getProperty("user.home"), ".cache", "kube-kit");
        return in(made.resolve("jenvtest"));
    }

    /** A current one, from the folder that {@code COUNTERSIGN_TEST_KUBE} names. */
    public static Optional<KubeBinaries> current() {
        String folder = System.getenv("COUNTERSIGN_TEST_KUBE");
        return folder == null || folder.isEmpty() ? Optional.empty() : in(Path.of(folder));
    }

    Path program(String name) {
        return folder.resolve(name);
    }

    private static Optional<KubeBinaries> in(Path testDir) {
        Path versions = testDir.resolve("k8s");
        if (!Files.isDirectory(versions)) {
            return Optional.empty();
        }
        try (Stream<Path> found = Files.list(versions)) {
            List<Path> newestFirst = found.sorted(Comparator.<Path>reverseOrder()).toList();
            return newestFirst.stream()
                    .filter(folder ->
                            Files.isExecutable(folder.resolve("kube-apiserver"))
                                    && Files.isExecutable(folder.resolve("etcd")))
                    .findFirst()
                    .map(KubeBinaries::new);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
