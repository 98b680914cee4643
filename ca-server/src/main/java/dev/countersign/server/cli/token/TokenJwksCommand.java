package dev.countersign.server.cli.token;

import dev.countersign.server.attestation.localissuer.IssuerKeyFile;
import dev.countersign.server.attestation.localissuer.LocalIssuer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code countersign token jwks}. */
@Command(
        name = "jwks",
        mixinStandardHelpOptions = true,
        description = "Prints the development issuer's public keys, for the server to check with.")
@SuppressWarnings("NullAway.Init") // picocli sets what is required
final class TokenJwksCommand implements Callable<Integer> {
    @Option(names = "--out", paramLabel = "FILE", description = "Write them here instead.")
    @Nullable Path out;

    @Mixin IssuerKeyOption issuerKey = new IssuerKeyOption();
    @ParentCommand TokenCommand parent;
    @Spec CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        LocalIssuer issuer;
        try {
            issuer = issuerKey.file(parent).open(parent.clock());
        } catch (NoSuchFileException e) {
            spec.commandLine()
                    .getErr()
                    .println(
                            "error: no issuer key at "
                                    + issuerKey.path(parent)
                                    + " (expected: one; `countersign token mint` makes it)");
            return 1;
        }
        PrintWriter output = spec.commandLine().getOut();
        if (out == null) {
            output.println(issuer.jwks());
        } else {
            IssuerKeyFile.exportJwks(issuer, out);
            output.println("wrote " + out + ": key " + issuer.keyId());
        }
        output.flush();
        return 0;
    }
}
