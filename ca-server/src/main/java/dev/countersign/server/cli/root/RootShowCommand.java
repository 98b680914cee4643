package dev.countersign.server.cli.root;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Times;
import dev.countersign.server.x509.KeyIds;
import dev.countersign.trust.Bootstrap;
import dev.countersign.trust.SigningKeys;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code countersign root show}. */
@Command(
        name = "show",
        description = "The roots in force, with fingerprints to compare by another way.")
final class RootShowCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    private final InstantSource clock = InstantSource.system();

    @Override
    public Integer call() {
        Bootstrap trusted = TrustedRoots.ask(admin);
        if (output.json()) {
            output.print(document(trusted));
        } else {
            print(trusted);
        }
        return 0;
    }

    private void print(Bootstrap trusted) {
        output.out()
                .println(
                        "trust domain "
                                + trusted.trustDomain()
                                + ", epoch "
                                + trusted.minimumEpoch());
        for (X509Certificate root : trusted.roots()) {
            output.out().println("root " + root.getSubjectX500Principal());
            output.out().println("  sha256   " + KeyIds.sha256(root));
            output.out()
                    .println(
                            "  valid    until "
                                    + root.getNotAfter().toInstant()
                                    + ", "
                                    + Times.relative(
                                            root.getNotAfter().toInstant(), clock.instant()));
        }
        trusted.signingKeys()
                .forEach(key -> output.out().println("bundles signed by " + SigningKeys.idOf(key)));
        output.out().flush();
    }

    private static ObjectNode document(Bootstrap trusted) {
        ObjectNode document =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("trust_domain", trusted.trustDomain().name())
                        .put("epoch", trusted.minimumEpoch());
        ArrayNode roots = document.putArray("roots");
        for (X509Certificate root : trusted.roots()) {
            roots.addObject()
                    .put("subject", root.getSubjectX500Principal().getName())
                    .put("sha256", KeyIds.sha256(root))
                    .put("not_after", root.getNotAfter().toInstant().toString());
        }
        ArrayNode keys = document.putArray("bundle_signing_keys");
        trusted.signingKeys().forEach(key -> keys.add(SigningKeys.idOf(key)));
        return document;
    }
}
