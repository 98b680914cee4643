package dev.countersign.server.cli.cert;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Table;
import dev.countersign.server.cli.Times;
import dev.countersign.wire.v1.IssuanceOutcome;
import dev.countersign.wire.v1.IssuedCertificate;
import dev.countersign.wire.v1.ListCertificatesRequest;
import dev.countersign.wire.v1.ListCertificatesResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code countersign cert list}. */
@Command(name = "list", description = "Certificates that are valid now, newest first.")
final class CertListCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    @Parameters(
            arity = "0..1",
            paramLabel = "IDENTITY",
            defaultValue = "",
            description = "Only this one: namespace/service-account, or a SPIFFE ID.")
    String identity = "";

    @Option(names = "--all", description = "Expired ones too.")
    boolean all;

    @Option(
            names = "--limit",
            defaultValue = "100",
            description = "At most this many, 1 to 1000 (default: 100).")
    int limit = 100;

    private final InstantSource clock = InstantSource.system();

    @Override
    public Integer call() {
        ListCertificatesResponse answer =
                admin.call(stub ->
                        stub.listCertificates(
                                ListCertificatesRequest.newBuilder()
                                        .setIdentity(identity)
                                        .setIncludeExpired(all)
                                        .setPageSize(limit)
                                        .build()));
        if (output.json()) {
            output.print(answer);
        } else {
            print(answer);
        }
        return 0;
    }

    private void print(ListCertificatesResponse answer) {
        Instant now = clock.instant();
        Table table = new Table("IDENTITY", "POD", "SERIAL", "ENDS", "OUTCOME");
        for (IssuedCertificate certificate : answer.getCertificatesList()) {
            table.row(
                    certificate.getSpiffeId(),
                    certificate.getPodName().isEmpty() ? "-" : certificate.getPodName(),
                    certificate.getSerial(),
                    Times.relative(Times.instant(certificate.getNotAfter()), now),
                    outcome(certificate.getOutcome()));
        }
        table.print(output.out());
        if (!answer.getNextPageToken().isEmpty()) {
            output.out().println("more: raise --limit, or name an identity");
            output.out().flush();
        }
    }

    private static String outcome(IssuanceOutcome outcome) {
        return outcome.name().replace("ISSUANCE_OUTCOME_", "").toLowerCase(Locale.ROOT);
    }
}
