package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * What h2spec says of the inbound listener. It knows no client certificate, so a bridge makes the
 * mTLS connections for it. Takes a minute; runs where {@code -Dcountersign.h2spec} names the program:
 * {@code go install github.com/summerwind/h2spec/cmd/h2spec@latest}.
 */
final class Http2SpecTest {
    /** Test by its description, and why it fails. */
    private static final Map<String, String> EXPLAINED =
            Map.of(
                    "http2/5.1 closed: Sends a HEADERS frame",
                    "RST_STREAM with STREAM_CLOSED: trailers may still be on their way when we have"
                            + " reset their stream, and must not cost the others their connection",
                    "http2/5.1.1 Sends stream identifier that is numerically smaller than previous",
                    "the same: a number below the last is a stream that is over, as far as we"
                            + " know");

    private static final int ENOUGH = 140;

    @Test
    void everythingThatTheSpecificationAsksForIsDone() throws Exception {
        Optional<Path> program = find();
        Assumptions.assumeTrue(
                program.isPresent(), "h2spec is not here: -Dcountersign.h2spec=… names it");
        Path report = Files.createTempFile("h2spec", ".xml");
        try (Http2Backend backend = new Http2Backend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP);
                RawBackend bridge = bridge(mesh)) {
            warmUp(bridge);
            Process process =
                    new ProcessBuilder(
                                    program.get().toString(),
                                    "-h",
                                    "127.0.0.1",
                                    "-p",
                                    Integer.toString(bridge.address().getPort()),
                                    "-o",
                                    "5",
                                    "-j",
                                    report.toString())
                            .redirectErrorStream(true)
                            .start();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            List<String> failures = new ArrayList<>();
            int run = read(report, failures);

            assertThat(run).as(output).isGreaterThan(ENOUGH);
            assertThat(failures).as(output).containsExactlyInAnyOrderElementsOf(EXPLAINED.keySet());
        } finally {
            Files.delete(report);
        }
    }

    /** Or the first cases would measure how long a cold machine takes. */
    private static void warmUp(RawBackend bridge) throws IOException {
        for (int i = 0; i < 20; i++) {
            try (Http2Wire client =
                    Http2Wire.client(
                            new Socket(
                                    bridge.address().getAddress(), bridge.address().getPort()))) {
                client.request(1, true, "GET", "/");
                client.answer(1);
            }
        }
    }

    private static int read(Path report, List<String> failures) throws Exception {
        NodeList cases =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(report.toFile())
                        .getElementsByTagName("testcase");
        for (int i = 0; i < cases.getLength(); i++) {
            Element one = (Element) cases.item(i);
            if (one.getElementsByTagName("failure").getLength()
                            + one.getElementsByTagName("error").getLength()
                    > 0) {
                failures.add(one.getAttribute("package") + " " + one.getAttribute("classname"));
            }
        }
        return cases.getLength();
    }

    private static RawBackend bridge(Mesh mesh) throws Exception {
        MtlsClient peer =
                MtlsClient.with(mesh.certificate(mesh.web), mesh.authority.root().certificate());
        return new RawBackend((plain, in, out) -> {
            try (Socket secure = peer.connect(mesh.inbound(), "h2")) {
                secure.setSoTimeout(0);
                Thread back = Thread.ofVirtual().start(() -> copy(secure, plain));
                copy(in, secure.getOutputStream());
                secure.close();
                back.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static void copy(Socket from, Socket to) {
        try {
            copy(from.getInputStream(), to.getOutputStream());
            to.close();
        } catch (IOException e) {
            try {
                to.close();
            } catch (IOException closed) {
                // Nothing else is to be done.
            }
        }
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[16_384];
        for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
            to.write(buffer, 0, n);
            to.flush();
        }
    }

    private static Optional<Path> find() {
        return Optional.ofNullable(System.getProperty("countersign.h2spec")).map(Path::of);
    }
}
