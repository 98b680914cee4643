package dev.countersign.server.cli.operator;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Certificates;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.server.cli.DurationConverter;
import dev.countersign.server.cli.Output;
import dev.countersign.server.operators.Role;
import dev.countersign.server.x509.KeyAndRequest;
import dev.countersign.wire.v1.IssueOperatorCertificateRequest;
import dev.countersign.wire.v1.IssueOperatorCertificateResponse;
import dev.countersign.wire.v1.OperatorRole;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code countersign operator cert}. */
@Command(
        name = "cert",
        description = {
            "Issues a certificate for the admin commands from another host. On the server's host",
            "only: it is asked for by the admin socket, and no operator can make another."
        },
        footer = {
            "",
            "The name must stand in the server's admin.operators, which also says its role.",
            "Writes svid.pem, key.pem (only for a key made here) and bootstrap.json, mode 0600.",
            "With --csr the key stays with whoever made the request:",
            "  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj / \\",
            "      -keyout key.pem -out operator.csr"
        })
final class OperatorCertCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    @Option(names = "--name", required = true, paramLabel = "NAME", description = "Whose it is.")
    String name = "";

    @Option(
            names = "--role",
            paramLabel = "ROLE",
            converter = RoleConverter.class,
            description =
                    "viewer, policy-admin or security-admin: refused when the server gives the name"
                            + " another (default: the one it has).")
    @Nullable Role role;

    @Option(
            names = "--for",
            paramLabel = "DURATION",
            defaultValue = "8h",
            converter = DurationConverter.class,
            description = "How long it is good for, 5m to 24h (default: ${DEFAULT-VALUE}).")
    Duration life = Duration.ofHours(8);

    @Option(
            names = "--csr",
            paramLabel = "FILE",
            description = "PKCS#10 request, PEM or DER, of a key made elsewhere.")
    @Nullable Path csr;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where to write.")
    Path out = Path.of("");

    @Override
    public Integer call() {
        Optional<KeyAndRequest> made =
                csr == null ? Optional.of(KeyAndRequest.make()) : Optional.empty();
        byte[] request = csr == null ? made.orElseThrow().request() : RequestFile.read(csr);
        IssueOperatorCertificateResponse answer =
                admin.call(stub -> stub.issueOperatorCertificate(message(request)));
        List<X509Certificate> chain = chain(answer);
        new OperatorFolder(out).write(made, chain, answer.getBootstrap());
        if (output.json()) {
            output.print(document(answer, chain.getFirst()));
        } else {
            print(answer, chain.getFirst(), made.isPresent());
        }
        return 0;
    }

    private IssueOperatorCertificateRequest message(byte[] request) {
        return IssueOperatorCertificateRequest.newBuilder()
                .setName(name)
                .setRole(
                        role == null
                                ? OperatorRole.OPERATOR_ROLE_UNSPECIFIED
                                : OperatorRole.valueOf("OPERATOR_ROLE_" + role.name()))
                .setLifeSeconds((int) Math.clamp(life.toSeconds(), 0, Integer.MAX_VALUE))
                .setCsr(ByteString.copyFrom(request))
                .build();
    }

    private static List<X509Certificate> chain(IssueOperatorCertificateResponse answer) {
        try {
            List<X509Certificate> chain = new ArrayList<>();
            for (ByteString der : answer.getCertificateChainList()) {
                chain.add(Certificates.parse(der.toByteArray()));
            }
            return chain;
        } catch (CertificateException malformed) {
            throw new CommandFailed("the server's answer is malformed: " + malformed, malformed);
        }
    }

    private ObjectNode document(IssueOperatorCertificateResponse answer, X509Certificate leaf) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("spiffe_id", answer.getSpiffeId())
                .put("role", text(answer.getRole()))
                .put("serial", leaf.getSerialNumber().toString(16))
                .put("not_after", leaf.getNotAfter().toInstant().toString())
                .put("out", out.toString());
    }

    private void print(
            IssueOperatorCertificateResponse answer, X509Certificate leaf, boolean withKey) {
        output.out().println("issued " + answer.getSpiffeId());
        output.out().println("  role     " + text(answer.getRole()));
        output.out().println("  serial   " + leaf.getSerialNumber().toString(16));
        output.out().println("  valid    until " + leaf.getNotAfter().toInstant());
        output.out()
                .println(
                        "  written  to "
                                + out
                                + (withKey ? "" : "; put the request's key.pem beside it"));
        output.out()
                .println(
                        "next: countersign server status --server HOST:PORT --operator "
                                + out.getFileName());
        output.out().flush();
    }

    private static String text(OperatorRole role) {
        return role.name().replace("OPERATOR_ROLE_", "").toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static final class RoleConverter implements ITypeConverter<Role> {
        @Override
        public Role convert(String text) {
            return Role.parse(text)
                    .orElseThrow(() ->
                            new TypeConversionException(
                                    "\""
                                            + text
                                            + "\" (expected: viewer, policy-admin or"
                                            + " security-admin)"));
        }
    }
}
