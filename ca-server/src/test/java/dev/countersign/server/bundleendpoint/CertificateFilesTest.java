package dev.countersign.server.bundleendpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CertificateFilesTest {
    private final TestAuthority authority =
            TestAuthority.create("mesh.test", MutableClock.create(), 1);
    private final TestCertificate first = authority.leaf("/ns/a/sa/b").build();
    private final TestCertificate second = authority.leaf("/ns/a/sa/b").build();
    private long changes;

    @TempDir Path folder;

    @Test
    void aRenewedCertificateIsShownWithoutARestart() throws Exception {
        write(first, first);
        CertificateFiles files = files();
        assertThat(files.get().chain().getFirst()).isEqualTo(first.certificate());

        write(second, second);

        assertThat(files.get().chain().getFirst()).isEqualTo(second.certificate());
        assertThat(files.get().toString()).startsWith("Shown[serial ");
    }

    @Test
    void theOldOneStaysWhileTheNewOneAndItsKeyDoNotFit() throws Exception {
        write(first, first);
        CertificateFiles files = files();

        write(second, first);
        assertThat(files.get().chain().getFirst()).isEqualTo(first.certificate());

        write(second, second);
        assertThat(files.get().chain().getFirst()).isEqualTo(second.certificate());
    }

    @Test
    void whatCannotBeUsedIsRefusedAtTheStart() throws Exception {
        write(second, first);
        assertThatThrownBy(this::files)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("another's");

        Files.writeString(folder.resolve("tls.key"), "no key");
        assertThatThrownBy(this::files).hasMessageContaining("no PRIVATE KEY block");

        Files.writeString(folder.resolve("tls.pem"), "x".repeat(70_000));
        assertThatThrownBy(this::files).hasMessageContaining("expected: <= 65536");
    }

    private CertificateFiles files() throws IOException {
        return new CertificateFiles(folder.resolve("tls.pem"), folder.resolve("tls.key"));
    }

    /** Each time with another time of change, however fast the test is. */
    private void write(TestCertificate certificate, TestCertificate key) throws Exception {
        changes++;
        pem("tls.pem", "CERTIFICATE", certificate.certificate().getEncoded());
        pem("tls.key", "PRIVATE KEY", key.key().getEncoded());
    }

    private void pem(String file, String what, byte[] der) throws IOException {
        String text =
                "-----BEGIN "
                        + what
                        + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                        + "\n-----END "
                        + what
                        + "-----\n";
        Files.writeString(folder.resolve(file), text);
        Files.setLastModifiedTime(
                folder.resolve(file),
                FileTime.from(Instant.parse("2026-01-01T00:00:00Z").plusSeconds(changes)));
    }
}
