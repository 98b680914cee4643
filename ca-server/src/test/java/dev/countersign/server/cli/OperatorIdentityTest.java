package dev.countersign.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.countersign.runtime.AtomicFiles;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.x509.KeyAndRequest;
import dev.countersign.testing.MutableClock;
import dev.countersign.wire.v1.IssueOperatorCertificateRequest;
import dev.countersign.wire.v1.IssueOperatorCertificateResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperatorIdentityTest {
    private final MutableClock clock = MutableClock.create();

    @Test
    void aCertificateThatIsOverIsSaidWithTheCommandThatMakesAnother(
            @TempDir Path folder, @TempDir Path alice) throws Exception {
        try (RunningServer server =
                RunningServer.start(folder, clock, "admin: {operators: {alice: viewer}}")) {
            write(server, alice);
        }

        clock.advance(Duration.ofHours(7));
        assertThat(OperatorIdentity.read(alice, clock)).isNotNull();
        clock.advance(Duration.ofHours(3));

        assertThatExceptionOfType(CommandFailed.class)
                .isThrownBy(() -> OperatorIdentity.read(alice, clock))
                .withMessageContaining("ended 2 h ago")
                .withMessageContaining("countersign operator cert --name alice");
    }

    private static void write(RunningServer server, Path to) throws Exception {
        KeyAndRequest made = KeyAndRequest.make();
        IssueOperatorCertificateResponse answer =
                server.admin()
                        .issueOperatorCertificate(
                                IssueOperatorCertificateRequest.newBuilder()
                                        .setName("alice")
                                        .setLifeSeconds(8 * 3600)
                                        .setCsr(ByteString.copyFrom(made.request()))
                                        .build());
        List<X509Certificate> chain = new ArrayList<>();
        for (ByteString der : answer.getCertificateChainList()) {
            chain.add(Certificates.parse(der.toByteArray()));
        }
        AtomicFiles.writeSecret(to.resolve("key.pem"), made.privateKeyPem());
        AtomicFiles.writeSecret(to.resolve("svid.pem"), Certificates.pem(chain));
        Files.writeString(to.resolve("bootstrap.json"), answer.getBootstrap());
    }
}
