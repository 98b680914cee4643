package dev.countersign.server.cli.root;

import dev.countersign.runtime.AtomicFiles;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.server.cli.Output;
import dev.countersign.wire.v1.RequestIssuerRequest;
import dev.countersign.wire.v1.RequestIssuerResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code countersign root csr}. */
@Command(
        name = "csr",
        description = {
            "A request for an online issuer below a root whose key is kept elsewhere. The issuer's",
            "key is made in the server's key store and stays there."
        },
        footer = {
            "",
            "Sign it where the root's key is: a CA, path length 1, certificate and CRL signing,",
            "the trust domain as its one URI name, a subject key identifier, for the days that are",
            "printed. Then `countersign root import --chain FILE`."
        })
public final class RootCsrCommand implements Callable<Integer> {
    @Mixin CeremonyPlace place = new CeremonyPlace();
    @Mixin Output output = new Output();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "Write the request here (PKCS#10, PEM).")
    Path out = Path.of("");

    private final LocalCeremonies ceremonies;

    public RootCsrCommand(LocalCeremonies ceremonies) {
        this.ceremonies = ceremonies;
    }

    @Override
    public Integer call() {
        RequestIssuerResponse made =
                place.hold(
                        stub -> stub.requestIssuer(RequestIssuerRequest.getDefaultInstance()),
                        ceremonies::request);
        try {
            AtomicFiles.write(out, made.getCsr().getBytes(StandardCharsets.US_ASCII));
        } catch (IOException unwritable) {
            throw new CommandFailed("cannot write " + out + ": " + unwritable, unwritable);
        }
        if (output.json()) {
            output.print(made);
        } else {
            output.out().println("wrote " + out);
            output.out().println("  subject  " + made.getSubject());
            output.out().println("  key      " + made.getKeyName() + ", in the key store");
            output.out()
                    .println(
                            "next: sign it for at most "
                                    + Duration.ofSeconds(made.getLifeSeconds()).toDays()
                                    + " days, then:  countersign root import --chain FILE");
            output.out().flush();
        }
        return 0;
    }
}
