package dev.countersign.server.cli.root;

import dev.countersign.runtime.AtomicFiles;
import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.server.cli.Output;
import dev.countersign.wire.v1.RegisterVerifierRequest;
import dev.countersign.wire.v1.RegisterVerifierResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code countersign root verifier register}. */
@Command(
        name = "register",
        description = "From now on rotations wait for this verifier.",
        footer = {
            "",
            "It fetches with the token:  curl -H \"Authorization: Bearer $(cat TOKEN)\" \\",
            "  https://BUNDLE-ENDPOINT/roots.pem     (or /bundle.json, the SPIFFE bundle document)"
        })
final class VerifierRegisterCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    @Parameters(paramLabel = "NAME", description = "a-z 0-9 . -, at most 63.")
    String name = "";

    @Option(
            names = "--token-out",
            required = true,
            paramLabel = "FILE",
            description = "Write its token here, mode 0600. It is not kept anywhere else.")
    Path out = Path.of("");

    @Override
    public Integer call() {
        RegisterVerifierResponse answer =
                admin.call(stub ->
                        stub.registerVerifier(
                                RegisterVerifierRequest.newBuilder().setName(name).build()));
        try {
            AtomicFiles.writeSecret(
                    out, (answer.getToken() + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException unwritable) {
            throw new CommandFailed(
                    "cannot write "
                            + out
                            + ": "
                            + unwritable
                            + " (expected: remove "
                            + name
                            + " and register it again)",
                    unwritable);
        }
        output.out().println("registered " + name + ", its token is in " + out);
        output.out().println("next: let it fetch; see it:  countersign root verifier list");
        output.out().flush();
        return 0;
    }
}
