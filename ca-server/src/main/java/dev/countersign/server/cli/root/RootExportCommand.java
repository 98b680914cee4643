package dev.countersign.server.cli.root;

import dev.countersign.runtime.AtomicFiles;
import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.server.cli.Output;
import dev.countersign.trust.Bootstrap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code countersign root export}. */
@Command(
        name = "export",
        description =
                "The roots in force as PEM, for verifiers that take no bundles. They hear of no"
                        + " rotation: renew the file before one.")
final class RootExportCommand implements Callable<Integer> {
    private static final int LINE = 64;

    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    @Option(names = "--out", paramLabel = "FILE", description = "Write here (default: print).")
    @Nullable Path out;

    @Override
    public Integer call() {
        Bootstrap trusted = TrustedRoots.ask(admin);
        String pem =
                trusted.roots().stream().map(RootExportCommand::pem).collect(Collectors.joining());
        if (out == null) {
            output.out().print(pem);
        } else {
            write(out, pem);
            output.out()
                    .println(
                            "wrote "
                                    + trusted.roots().size()
                                    + " of epoch "
                                    + trusted.minimumEpoch()
                                    + " to "
                                    + out);
        }
        output.out().flush();
        return 0;
    }

    private static void write(Path file, String pem) {
        try {
            AtomicFiles.write(file, pem.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException unwritable) {
            throw new CommandFailed("cannot write " + file + ": " + unwritable, unwritable);
        }
    }

    private static String pem(X509Certificate certificate) {
        try {
            return "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder(LINE, new byte[] {'\n'})
                            .encodeToString(certificate.getEncoded())
                    + "\n-----END CERTIFICATE-----\n";
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("certificate: does not encode (expected: DER)", e);
        }
    }
}
