package dev.countersign.server.admission;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.countersign.server.admission.review.ReviewAnswer;
import dev.countersign.server.admission.review.ReviewReader;
import dev.countersign.server.admission.review.Reviewer;
import dev.countersign.server.bundleendpoint.EndpointCertificate;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.Patience;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyStore;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The port, by real TLS. */
final class AdmissionServerTest {
    private static final String REVIEW =
            """
            {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u-1",
             "kind":{"group":"","version":"v1","kind":"Pod"},"operation":"CREATE",
             "userInfo":{"username":"alice"},"object":{}}}
            """;

    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final TestAuthority authority =
            TestAuthority.create("mesh.example", new MutableClock(Instant.now()), 7);
    private final AtomicReference<TestCertificate> shown =
            new AtomicReference<>(certificate(authority));
    private @Nullable AdmissionServer server;

    @AfterEach
    void close() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void aReviewIsAnsweredInItsOwnVersionAndWithItsUid() throws Exception {
        start(request -> ReviewAnswer.refused("NO", "because"));

        HttpResponse<String> answer = post(client(authority), "/review", REVIEW);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .isEqualTo(
                        "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\","
                                + "\"response\":{\"uid\":\"u-1\",\"allowed\":false,\"status\":"
                                + "{\"code\":403,\"reason\":\"Forbidden\","
                                + "\"message\":\"because [NO]\"}}}");
        assertThat(
                        metrics.get("countersign.admission.reviews")
                                .tags("path", "/review", "outcome", "refused")
                                .timer()
                                .count())
                .isEqualTo(1);
    }

    @Test
    void threeMegabytesAreRefusedInWords() throws Exception {
        start(request -> ReviewAnswer.allowed());
        String large = " ".repeat(3 * 1000 * 1000);

        HttpResponse<String> answer = post(client(authority), "/review", large);

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body())
                .isEqualTo("body: 3000000 bytes (expected: <= " + ReviewReader.MAX_BYTES + ")\n");
        assertThat(unanswered("TOO_LARGE")).isEqualTo(1);
    }

    @Test
    void whatIsNoReviewIsAnHttpErrorThatSaysWhy() throws Exception {
        start(request -> ReviewAnswer.allowed());
        HttpClient client = client(authority);

        assertThat(post(client, "/elsewhere", REVIEW).statusCode()).isEqualTo(404);
        assertThat(
                        client.send(request("/review").GET().build(), BodyHandlers.ofString())
                                .statusCode())
                .isEqualTo(405);
        assertThat(
                        client.send(
                                        request("/review")
                                                .header("Content-Type", "text/plain")
                                                .POST(BodyPublishers.ofString(REVIEW))
                                                .build(),
                                        BodyHandlers.ofString())
                                .statusCode())
                .isEqualTo(415);
        HttpResponse<String> old =
                post(client, "/review", REVIEW.replace("k8s.io/v1", "k8s.io/v1beta1"));
        assertThat(old.statusCode()).isEqualTo(400);
        assertThat(old.body()).contains("v1beta1").contains("(expected: admission.k8s.io/v1");
        assertThat(unanswered("VERSION_UNKNOWN")).isEqualTo(1);
    }

    @Test
    void aFaultOfAReviewIsNotAnswered() throws Exception {
        start(request -> {
            throw new IllegalStateException("secret detail");
        });

        HttpResponse<String> answer = post(client(authority), "/review", REVIEW);

        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body()).doesNotContain("secret");
    }

    @Test
    void moreThanTheirNumberWaitForTheirTurn() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        Semaphore leave = new Semaphore(0);
        start(request -> {
            inside.incrementAndGet();
            leave.acquireUninterruptibly();
            return ReviewAnswer.allowed();
        });
        HttpClient client = client(authority);

        List<CompletableFuture<HttpResponse<String>>> calls =
                Stream.generate(() ->
                                client.sendAsync(
                                        request("/review")
                                                .header("Content-Type", "application/json")
                                                .POST(BodyPublishers.ofString(REVIEW))
                                                .build(),
                                        BodyHandlers.ofString()))
                        .limit(4)
                        .toList();

        await().atMost(Patience.OF_TESTS)
                .until(() -> metrics.get("countersign.admission.waiting").gauge().value() == 2);
        assertThat(inside).hasValue(2);
        leave.release(4);
        for (CompletableFuture<HttpResponse<String>> call : calls) {
            assertThat(call.join().statusCode()).isEqualTo(200);
        }
    }

    @Test
    void theNextHandshakeShowsTheNewCertificate() throws Exception {
        start(request -> ReviewAnswer.allowed());
        TestAuthority other =
                TestAuthority.create("mesh.example", new MutableClock(Instant.now()), 8);
        assertThatThrownBy(() -> post(client(other), "/review", REVIEW))
                .isInstanceOf(SSLException.class);

        shown.set(certificate(other));

        assertThat(post(client(other), "/review", REVIEW).statusCode()).isEqualTo(200);
    }

    private void start(Reviewer reviewer) throws Exception {
        server =
                AdmissionServer.start(
                        new AdmissionServer.Settings(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 2),
                        EndpointCertificate.context(() ->
                                new EndpointCertificate.Shown(
                                        requireNonNull(shown.get()).chain(),
                                        requireNonNull(shown.get()).key())),
                        Map.of("/review", reviewer),
                        metrics);
    }

    private double unanswered(String reason) {
        return metrics.get("countersign.admission.unanswered")
                .tag("reason", reason)
                .counter()
                .count();
    }

    private HttpResponse<String> post(HttpClient client, String path, String body)
            throws Exception {
        return client.send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                URI.create("https://localhost:" + requireNonNull(server).port() + path));
    }

    private static TestCertificate certificate(TestAuthority authority) {
        return authority.leaf("/countersign/webhook").dns("localhost").build();
    }

    private static HttpClient client(TestAuthority believed) throws Exception {
        KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
        roots.load(null, null);
        roots.setCertificateEntry("root", believed.root().certificate());
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(roots);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }
}
