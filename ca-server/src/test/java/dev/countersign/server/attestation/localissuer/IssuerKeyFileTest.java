package dev.countersign.server.attestation.localissuer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.testing.MutableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class IssuerKeyFileTest {
    private final MutableClock clock = MutableClock.create();

    @TempDir Path directory;

    @Test
    void theKeyIsMadeOnceAndOnlyItsOwnerMayReadIt() throws IOException {
        IssuerKeyFile file = new IssuerKeyFile(directory.resolve("new/issuer.jwk"));

        LocalIssuer made = file.openOrCreate(IssuerKeyFile.Kind.RS256, clock);
        LocalIssuer opened = file.openOrCreate(IssuerKeyFile.Kind.RS256, clock);

        assertThat(opened.keyId()).isEqualTo(made.keyId());
        assertThat(mode(directory.resolve("new/issuer.jwk"))).isEqualTo("rw-------");
        assertThat(mode(directory.resolve("new/issuer.jwks.json"))).isEqualTo("rw-r--r--");
        assertThat(directory.resolve("new/issuer.jwks.json"))
                .hasContent(made.jwks())
                .content()
                .doesNotContain("\"d\"");
        try (Stream<Path> files = Files.list(directory.resolve("new"))) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void aStaleJwksIsReplaced() throws IOException {
        Files.writeString(directory.resolve("issuer.jwks.json"), "{\"keys\":[]}");

        LocalIssuer issuer =
                new IssuerKeyFile(directory.resolve("issuer.jwk"))
                        .openOrCreate(IssuerKeyFile.Kind.ES256, clock);

        assertThat(directory.resolve("issuer.jwks.json")).hasContent(issuer.jwks());
    }

    @Test
    void aKeyThatOthersMayReadIsRefused() throws IOException {
        Path key = directory.resolve("issuer.jwk");
        IssuerKeyFile file = new IssuerKeyFile(key);
        file.openOrCreate(IssuerKeyFile.Kind.ES256, clock);
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));

        assertThatThrownBy(() -> file.open(clock)).hasMessageContaining("chmod 600");
    }

    @Test
    void whatIsNotAnIssuerKeyIsRefusedWithoutQuotingIt() throws IOException {
        Path key = directory.resolve("issuer.jwk");
        Files.writeString(key, "{\"kty\":\"oct\",\"k\":\"c2VjcmV0LXNlY3JldA\"");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));

        assertThatThrownBy(() -> new IssuerKeyFile(key).open(clock))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not a JWK")
                .hasMessageNotContaining("c2Vjcm")
                .hasNoCause();
    }

    @Test
    void openingMakesNothing() {
        Path key = directory.resolve("issuer.jwk");

        assertThatThrownBy(() -> new IssuerKeyFile(key).open(clock))
                .isInstanceOf(NoSuchFileException.class);
        assertThat(key).doesNotExist();
    }

    @Test
    void manyWhoMakeItAtOnceEndUpWithOneKey() throws Exception {
        IssuerKeyFile file = new IssuerKeyFile(directory.resolve("issuer.jwk"));
        CountDownLatch start = new CountDownLatch(1);
        List<Future<String>> ids = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 8; i++) {
                ids.add(
                        threads.submit(() -> {
                            start.await();
                            return file.openOrCreate(IssuerKeyFile.Kind.ES256, clock).keyId();
                        }));
            }
            start.countDown();
        }

        List<String> seen = new ArrayList<>();
        for (Future<String> id : ids) {
            seen.add(id.get());
        }
        assertThat(seen).containsOnly(file.open(clock).keyId());
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
