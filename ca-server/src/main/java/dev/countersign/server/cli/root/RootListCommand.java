package dev.countersign.server.cli.root;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Times;
import dev.countersign.wire.v1.KnownRoot;
import dev.countersign.wire.v1.ListRootsRequest;
import dev.countersign.wire.v1.ListRootsResponse;
import dev.countersign.wire.v1.RootRole;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code countersign root list}. */
@Command(
        name = "list",
        description = "The roots of the bundle and those before, and what lives under each.")
final class RootListCommand implements Callable<Integer> {
    private static final int LINE = 64;

    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    @Option(names = "--pem", description = "The certificates of the bundle's roots, as PEM.")
    boolean pem;

    private final InstantSource clock = InstantSource.system();

    @Override
    public Integer call() {
        ListRootsResponse answer =
                admin.call(stub -> stub.listRoots(ListRootsRequest.getDefaultInstance()));
        if (output.json()) {
            output.print(answer);
        } else if (pem) {
            answer.getRootsList().stream()
                    .filter(root -> !root.getCertificate().isEmpty())
                    .forEach(this::printPem);
        } else {
            answer.getRootsList().forEach(this::print);
            line("bundle", "epoch " + answer.getBundleEpoch());
            line("signed by", "key " + answer.getBundleKeyId());
            if (!answer.getNextBundleKeyId().isEmpty()) {
                line("announced", "key " + answer.getNextBundleKeyId());
            }
        }
        output.out().flush();
        return 0;
    }

    private void print(KnownRoot root) {
        output.out().println(role(root.getRole()) + "  " + root.getKeyId());
        line("subject", root.getSubject());
        line(
                "ends",
                Times.text(root.getNotAfter())
                        + ", "
                        + Times.relative(Times.instant(root.getNotAfter()), clock.instant()));
        if (!root.getSha256().isEmpty()) {
            line("sha256", root.getSha256());
        }
        if (root.hasSince()) {
            line("left", "the bundle " + Times.text(root.getSince()));
        }
        if (root.getLiveLeaves() > 0) {
            line(
                    "leaves",
                    root.getLiveLeaves()
                            + " live, the last ends "
                            + Times.relative(
                                    Times.instant(root.getLastLeafNotAfter()), clock.instant()));
        }
    }

    private void printPem(KnownRoot root) {
        output.out().println("-----BEGIN CERTIFICATE-----");
        output.out()
                .println(
                        Base64.getMimeEncoder(LINE, new byte[] {'\n'})
                                .encodeToString(root.getCertificate().toByteArray()));
        output.out().println("-----END CERTIFICATE-----");
    }

    private void line(String name, String value) {
        output.out().println("  " + name + " ".repeat(Math.max(1, 11 - name.length())) + value);
    }

    private static String role(RootRole role) {
        return role.name().replace("ROOT_ROLE_", "").toLowerCase(Locale.ROOT);
    }
}
