package dev.countersign.server.cli.root;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.wire.v1.AcknowledgeVerifierRequest;
import dev.countersign.wire.v1.AcknowledgeVerifierResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code countersign root verifier acknowledge}. */
@Command(
        name = "acknowledge",
        description = {
            "For a verifier that reads a file: that it has loaded the bundle in force, by the word of",
            "who put the file there. The file must have exactly the roots of the bundle."
        })
final class VerifierAcknowledgeCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    @Parameters(paramLabel = "NAME", description = "As it was registered.")
    String name = "";

    @Option(
            names = "--roots",
            required = true,
            paramLabel = "FILE",
            description = "The file that it has loaded (PEM).")
    Path roots = Path.of("");

    @Override
    public Integer call() {
        String pem = new String(RootImportCommand.bytes(roots), StandardCharsets.US_ASCII);
        AcknowledgeVerifierResponse answer =
                admin.call(stub ->
                        stub.acknowledgeVerifier(
                                AcknowledgeVerifierRequest.newBuilder()
                                        .setName(name)
                                        .setRoots(pem)
                                        .build()));
        if (output.json()) {
            output.print(answer);
        } else {
            output.out().println(name + " has epoch " + answer.getBundleEpoch());
            output.out().flush();
        }
        return 0;
    }
}
