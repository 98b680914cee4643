package dev.countersign.agent.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.agent.proxy.tls.TlsProbe;
import dev.countersign.agent.state.StateDirectory;
import dev.countersign.agent.svid.HeldSvid;
import dev.countersign.agent.svid.KeptIdentity;
import dev.countersign.runtime.CommandLineRunner;
import dev.countersign.runtime.ConfigReader;
import dev.countersign.runtime.ConfigRefused;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * What a TLS server negotiates with this agent's identity; exit code 1 when it is less than agents
 * want: TLS 1.3, the hybrid key exchange, nothing to resume.
 */
@Command(
        name = "tls",
        description = {
            "Shake hands with the agent's own identity and show what was negotiated.",
            "0: as between agents; 1: less than that, or nobody answers."
        })
public final class CheckTlsCommand implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final String VERSION = "TLSv1.3";
    private static final String GROUP = "X25519MLKEM768";

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(
            arity = "0..1",
            paramLabel = "HOST:PORT",
            description = "default: the agent's first inbound listener")
    private @Nullable String target;

    @Option(names = "--config", required = true, description = "YAML file of the agent")
    private Path config = Path.of("");

    @Option(names = "--output", description = "text or json", defaultValue = "text")
    private Output output = Output.TEXT;

    @Override
    public Integer call() throws IOException, ConfigRefused {
        ConfigReader reader = ConfigReader.load(config, System.getenv());
        InetSocketAddress server = server(reader);
        TlsProbe.Report report = new TlsProbe(identity(reader), TIMEOUT).of(server);
        boolean good =
                report.version().equals(VERSION)
                        && report.group().equals(GROUP)
                        && !report.ticket();
        PrintWriter out = spec.commandLine().getOut();
        switch (output) {
            case TEXT -> print(out, server, report, good);
            case JSON -> out.println(json(report, good).toPrettyString());
        }
        return good ? CommandLineRunner.OK : CommandLineRunner.FAILED;
    }

    private static void print(
            PrintWriter out, InetSocketAddress server, TlsProbe.Report report, boolean good)
            throws IOException {
        out.println(
                server.getHostString()
                        + ":"
                        + server.getPort()
                        + (good ? "  as between agents" : "  LESS than between agents"));
        row(out, "version", report.version(), VERSION);
        row(out, "group", report.group(), GROUP);
        row(out, "cipher", report.cipher(), report.cipher());
        row(out, "alpn", report.protocol().orElse("none"), report.protocol().orElse("none"));
        row(out, "resumption", report.ticket() ? "offered" : "not offered", "not offered");
        row(out, "peer", name(report.chain().getFirst()), name(report.chain().getFirst()));
        for (X509Certificate certificate : report.chain()) {
            out.printf(
                    "  %-12s serial %s  until %s  by %s%n",
                    "certificate",
                    certificate.getSerialNumber().toString(16),
                    certificate.getNotAfter().toInstant(),
                    certificate.getIssuerX500Principal().getName());
        }
    }

    private static void row(PrintWriter out, String what, String value, String expected) {
        out.printf(
                "  %-12s %s%s%n",
                what, value, value.equals(expected) ? "" : "  (expected: " + expected + ")");
    }

    private static ObjectNode json(TlsProbe.Report report, boolean good) throws IOException {
        ObjectNode json =
                AgentPages.JSON
                        .createObjectNode()
                        .put("good", good)
                        .put("version", report.version())
                        .put("group", report.group())
                        .put("cipher", report.cipher())
                        .put("alpn", report.protocol().orElse(null))
                        .put("resumptionOffered", report.ticket())
                        .put("peer", name(report.chain().getFirst()));
        for (X509Certificate certificate : report.chain()) {
            json.withArray("chain")
                    .addObject()
                    .put("serial", certificate.getSerialNumber().toString(16))
                    .put("notAfter", certificate.getNotAfter().toInstant().toString())
                    .put("issuer", certificate.getIssuerX500Principal().getName());
        }
        return json;
    }

    private static String name(X509Certificate certificate) throws IOException {
        String uri = KeptIdentity.uri(certificate);
        return uri.isEmpty() ? certificate.getSubjectX500Principal().getName() : uri;
    }

    private static HeldSvid identity(ConfigReader reader) throws IOException {
        Path state =
                reader.path("state.directory")
                        .optional()
                        .orElseThrow(() ->
                                new IOException(
                                        "state.directory: none (expected: where the agent keeps its"
                                                + " identity)"));
        return KeptIdentity.decode(
                StateDirectory.look(state, "identity")
                        .orElseThrow(() -> new IOException(state + ": no certificate yet")));
    }

    private InetSocketAddress server(ConfigReader reader) throws IOException {
        String text = target;
        if (text == null) {
            List<String> inbound =
                    reader.list("listeners.inbound", each -> each.string("listen").orDefault(""));
            if (inbound.isEmpty()) {
                throw new IOException("HOST:PORT: none, and no inbound listener to try");
            }
            text = inbound.getFirst().replaceFirst("^(0\\.0\\.0\\.0|\\[::\\])", "127.0.0.1");
        }
        int colon = text.lastIndexOf(':');
        try {
            return new InetSocketAddress(
                    text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IOException("target: " + text + " (expected: host:port)", e);
        }
    }
}
