package dev.countersign.server.kubernetes.pods;

import dev.countersign.identity.ServiceAccountName;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.Map;
import java.util.UUID;

/** Fills an index with pods as a large cluster has them, and prints what each takes. */
public final class PodIndexFill {
    private static final int PER_DEPLOYMENT = 20;
    private static final int PER_NODE = 50;

    private PodIndexFill() {}

    public static void main(String[] args) {
        int pods = Integer.parseInt(args[0]);
        long before = used();
        PodIndex index = new PodIndex();
        for (int i = 0; i < pods; i++) {
            index.put(pod(i));
            int deployment = i / PER_DEPLOYMENT;
            index.putAccount(
                    new ServiceAccountName("team-" + deployment % 200, "service-" + deployment),
                    new UUID(3, deployment).toString());
        }
        long each = (used() - before) / index.size();
        System.out.printf("pods=%d bytes-per-pod=%d%n", index.size(), each);
    }

    private static Pod pod(int i) {
        int deployment = i / PER_DEPLOYMENT;
        String app = "service-" + deployment;
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("team-" + deployment % 200)
                .withName(app + "-6d4cf56db6-x" + i)
                .withUid(new UUID(1, i).toString())
                .withLabels(
                        Map.of(
                                "app.kubernetes.io/name", app,
                                "app.kubernetes.io/instance", app + "-production",
                                "app.kubernetes.io/version", "1.2." + deployment % 9,
                                "team", "team-" + deployment % 200,
                                "pod-template-hash", "6d4cf56db6"))
                .endMetadata()
                .withNewSpec()
                .withServiceAccountName(app)
                .withNodeName("node-" + i / PER_NODE)
                .addNewContainer()
                .withName("main")
                .withImage("registry.example/" + app + ":1.2.3")
                .endContainer()
                .endSpec()
                .withNewStatus()
                .withPhase("Running")
                .addNewPodIP("10." + i / 65536 + "." + i / 256 % 256 + "." + i % 256)
                .addNewPodIP("fd00::" + Integer.toHexString(i))
                .endStatus()
                .build();
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
