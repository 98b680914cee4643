package dev.countersign.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.countersign.server.keys.Passphrase;
import dev.countersign.server.keys.SigningKey;
import dev.countersign.server.keys.encryptedfile.EncryptedFileKeyVault;
import dev.countersign.server.rpc.RawHttp2.Frame;
import dev.countersign.server.testing.Csrs;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.testing.RunningServer.Refusal;
import dev.countersign.server.x509.Scrypt;
import dev.countersign.testing.MutableClock;
import dev.countersign.wire.v1.GetTrustBundleRequest;
import dev.countersign.wire.v1.IssuanceServiceGrpc;
import dev.countersign.wire.v1.IssuanceServiceGrpc.IssuanceServiceBlockingStub;
import dev.countersign.wire.v1.ListCertificatesRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that want to hurt: too much, too slowly, or with keys they must not have. */
class HostileClientsE2ETest {
    private static final String BUNDLE = "/countersign.v1.IssuanceService/GetTrustBundle";
    private static final int MEGABYTE = 1024 * 1024;
    private static final int OVER_THE_LIMIT = 17 * 1024;
    private static final int PATIENCE_MILLIS = 60_000;

    @TempDir private static Path folder;

    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        server = RunningServer.start(folder, MutableClock.create());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aMegabyteOfHeadersIsRefusedAndTheConnectionGoesOn() {
        ManagedChannel channel = server.connect();
        IssuanceServiceBlockingStub stub = IssuanceServiceGrpc.newBlockingStub(channel);
        assertThat(bundleSize(stub)).isPositive(); // the server's limits have arrived

        StatusRuntimeException refused =
                catchThrowableOfType(
                        StatusRuntimeException.class, () -> bundleSize(withHeader(stub, MEGABYTE)));

        assertThat(refused).hasStackTraceContaining("16384");
        assertThat(bundleSize(stub)).isPositive();
    }

    @Test
    void aClientThatSendsTooManyHeadersAllTheSameIsTold431AndMayGoOn() throws Exception {
        try (RawHttp2 client = RawHttp2.connect(server)) {
            client.call(1, BUNDLE, OVER_THE_LIMIT);
            Frame refusal = client.next(1);
            assertThat(refusal.type()).as(refusal.text()).isEqualTo(RawHttp2.HEADERS);
            assertThat(refusal.text()).contains("431");

            client.call(3, BUNDLE, 10);
            client.emptyMessage(3);

            Frame answer = client.next(3);
            assertThat(answer.type()).as(answer.text()).isEqualTo(RawHttp2.HEADERS);
            assertThat(answer.text()).contains("application/grpc");
            assertThat(client.next(3).type()).isEqualTo(RawHttp2.DATA);
        }
    }

    @Test
    void aClientThatSendsAMegabyteAllTheSameLosesItsConnectionAndNobodyElseDoes() throws Exception {
        IssuanceServiceBlockingStub other = IssuanceServiceGrpc.newBlockingStub(server.connect());
        assertThat(bundleSize(other)).isPositive();
        try (RawHttp2 client = RawHttp2.connect(server)) {
            assertThat(endsWith(client)).isTrue();
        }

        assertThat(bundleSize(other)).isPositive();
    }

    @Test
    void aHandshakeThatDripsIsEndedByItsDeadlineWhileOthersAreServed(@TempDir Path own)
            throws Exception {
        byte[] promise = {0x16, 3, 1, 2, 0}; // a ClientHello of 512 bytes
        try (RunningServer strict =
                RunningServer.start(own, MutableClock.create(), "limits: {handshakeTimeout: 2s}")) {
            int port = strict.server().port();
            IssuanceServiceBlockingStub other =
                    IssuanceServiceGrpc.newBlockingStub(strict.connect());
            // The deadline is for all alike, and this machine may be slow.
            await().ignoreExceptions().until(() -> bundleSize(other) > 0);
            try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), port);
                    Socket silent = new Socket(InetAddress.getLoopbackAddress(), port)) {
                slow.getOutputStream().write(promise);

                assertThat(bundleSize(other)).isPositive();

                assertThat(bytesUntilClosed(slow)).isLessThan(512);
                silent.setSoTimeout(PATIENCE_MILLIS);
                assertThat(silent.getInputStream().read()).isNegative();
                assertThat(bundleSize(other)).isPositive();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"root-1", "bundle-1"})
    void aRequestByTheAuthoritysOwnKeyIsRefused(String name) throws Exception {
        byte[] csr;
        try (EncryptedFileKeyVault vault =
                new EncryptedFileKeyVault(
                        folder.resolve("data/keys"),
                        Passphrase.takeOver(RunningServer.PASSPHRASE.toCharArray()),
                        Scrypt.DEFAULT,
                        new SecureRandom())) {
            SigningKey key = vault.find(name).orElseThrow();
            csr = Csrs.signedBy(key);
        }
        String token = server.token("shop", "thief", "thief-0");

        Refusal refusal =
                RunningServer.refusal(
                        catchThrowableOfType(
                                StatusRuntimeException.class,
                                () -> RunningServer.issue(server.connect(), token, csr)));

        assertThat(refusal.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal.reason()).isEqualTo("CSR_KEY_OF_AUTHORITY");
        assertThat(
                        server.admin()
                                .listCertificates(
                                        ListCertificatesRequest.newBuilder()
                                                .setIdentity("shop/thief")
                                                .build())
                                .getCertificatesList())
                .isEmpty();
    }

    /** Whether it comes to an end, by word or without one. */
    private static boolean endsWith(RawHttp2 client) {
        try {
            client.call(1, BUNDLE, MEGABYTE);
            return client.next(1).type() == RawHttp2.GOAWAY;
        } catch (SocketTimeoutException stillOpen) {
            return false;
        } catch (IOException closed) {
            return true;
        }
    }

    /** Sends a byte whenever nothing came for a while; how many until the other side hung up. */
    private static int bytesUntilClosed(Socket socket) throws IOException {
        socket.setSoTimeout(50);
        for (int sent = 0; sent < PATIENCE_MILLIS / 50; sent++) {
            try {
                while (socket.getInputStream().read() >= 0) {
                    // an alert
                }
                return sent;
            } catch (SocketTimeoutException open) {
                if (!drip(socket)) {
                    return sent;
                }
            } catch (IOException reset) {
                return sent;
            }
        }
        return Integer.MAX_VALUE;
    }

    private static boolean drip(Socket socket) {
        try {
            socket.getOutputStream().write(1);
            return true;
        } catch (IOException closed) {
            return false;
        }
    }

    private static int bundleSize(IssuanceServiceBlockingStub stub) {
        return stub.getTrustBundle(GetTrustBundleRequest.getDefaultInstance())
                .getBundle()
                .getPayload()
                .size();
    }

    private static IssuanceServiceBlockingStub withHeader(
            IssuanceServiceBlockingStub stub, int bytes) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("bulk", Metadata.ASCII_STRING_MARSHALLER), "x".repeat(bytes));
        return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }
}
