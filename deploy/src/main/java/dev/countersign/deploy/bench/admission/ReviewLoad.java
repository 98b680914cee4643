package dev.countersign.deploy.bench.admission;

import dev.countersign.deploy.bench.ProcessFigures;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * {@code ReviewLoad FOLDER PID RATE SECONDS}: asks at a steady rate, whatever the answers take, by HTTP/1.1 on kept
 * connections as an API server does. A time counts from the moment at which the question was due.
 */
public final class ReviewLoad {
    private static final int CONTAINERS = 4;

    /** As an API server, which keeps a few connections; who is late waits, and that counts. */
    private static final int CONNECTIONS = 64;

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final HttpClient client;
    private final List<HttpRequest> questions;
    private final AtomicInteger failures = new AtomicInteger();
    private final Semaphore connections = new Semaphore(CONNECTIONS);

    private ReviewLoad(HttpClient client, List<HttpRequest> questions) {
        this.client = client;
        this.questions = questions;
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        long pid = Long.parseLong(arguments[1]);
        int rate = Integer.parseInt(arguments[2]);
        int seconds = Integer.parseInt(arguments[3]);
        String base = "https://localhost:" + Files.readString(folder.resolve("port"));
        ReviewLoad load =
                new ReviewLoad(
                        HttpClient.newBuilder()
                                .version(HttpClient.Version.HTTP_1_1)
                                .sslContext(trusting(folder.resolve("root.pem")))
                                .build(),
                        List.of(
                                question(base + "/inject/wanted", pod()),
                                question(base + "/policies", policy())));
        System.out.printf(
                Locale.ROOT,
                "questions             pod of %d containers %d B, policy of 10 rules %d B, in"
                        + " turn%n",
                CONTAINERS,
                pod().length(),
                policy().length());
        load.run(rate, 20);
        load.failures.set(0);
        long before = ProcessFigures.cpuMicros(List.of(pid));
        long[] micros = load.run(rate, seconds);
        long cpu = ProcessFigures.cpuMicros(List.of(pid)) - before;
        Arrays.sort(micros);
        System.out.printf(
                Locale.ROOT,
                "reviews               %d at %d/s, %d failed%nlatency               p50 %.2f ms,"
                        + " p99 %.2f ms, p99.9 %.2f ms, slowest %.2f ms%nserver                %d us of"
                        + " CPU a review, %d MB resident%n",
                micros.length,
                rate,
                load.failures.get(),
                at(micros, 0.5),
                at(micros, 0.99),
                at(micros, 0.999),
                at(micros, 1),
                cpu / micros.length,
                ProcessFigures.residentKib(pid) / 1024);
        System.exit(load.failures.get() == 0 ? 0 : 1);
    }

    private long[] run(int rate, int seconds) {
        int count = rate * seconds;
        long[] micros = new long[count];
        CompletableFuture<?>[] all = new CompletableFuture<?>[count];
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            long due = begin + i * 1_000_000_000L / rate;
            LockSupport.parkNanos(due - System.nanoTime());
            connections.acquireUninterruptibly();
            int index = i;
            all[i] =
                    client.sendAsync(questions.get(i % questions.size()), BodyHandlers.ofString())
                            .whenComplete((answer, failure) -> {
                                connections.release();
                                micros[index] = (System.nanoTime() - due) / 1_000;
                                if (failure != null || !isGood(answer)) {
                                    failures.incrementAndGet();
                                }
                            });
        }
        CompletableFuture.allOf(all).exceptionally(counted -> null).join();
        return micros;
    }

    private static boolean isGood(HttpResponse<String> answer) {
        return answer.statusCode() == 200 && answer.body().contains("\"allowed\":true");
    }

    private static double at(long[] sorted, double part) {
        return sorted[(int) Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)]
                / 1000.0;
    }

    private static HttpRequest question(String uri, String body) {
        return HttpRequest.newBuilder(URI.create(uri))
                .timeout(TIMEOUT)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body, StandardCharsets.UTF_8))
                .build();
    }

    private static String review(String group, String kind, String object) {
        return "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{\"uid\":"
                + "\"5f3c6a1e-9d0f-4c0b-8a7e-2b1d3c4e5f60\",\"kind\":{\"group\":\""
                + group
                + "\",\"version\":\"v1\",\"kind\":\""
                + kind
                + "\"},\"operation\":\"CREATE\",\"namespace\":\"shop\",\"name\":\"web\","
                + "\"userInfo\":{\"username\":\"alice\"},\"object\":"
                + object
                + "}}";
    }

    private static String pod() {
        StringBuilder containers = new StringBuilder();
        for (int i = 0; i < CONTAINERS; i++) {
            containers
                    .append(i == 0 ? "" : ",")
                    .append(
                            "{\"name\":\"c%d\",\"image\":\"example/c%d:1\",\"ports\":[{\"name\":\"http\",\"containerPort\":80%d0}],"
                                    .formatted(i, i, i))
                    .append(
                            "\"livenessProbe\":{\"httpGet\":{\"path\":\"/live\",\"port\":\"http\"}},")
                    .append("\"readinessProbe\":{\"tcpSocket\":{\"port\":\"http\"}},\"env\":[");
            for (int e = 0; e < 30; e++) {
                containers
                        .append(e == 0 ? "" : ",")
                        .append(
                                "{\"name\":\"VARIABLE_%d\",\"value\":\"some value of it, %d\"}"
                                        .formatted(e, e));
            }
            containers.append("]}");
        }
        return review(
                "",
                "Pod",
                "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"web\",\"namespace\":\"shop\","
                        + "\"labels\":{\"app\":\"web\"}},\"spec\":{\"serviceAccountName\":\"web\",\"containers\":["
                        + containers
                        + "]}}");
    }

    private static String policy() {
        StringBuilder rules = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            rules.append(i == 0 ? "" : ",")
                    .append(
                            "{\"from\":[{\"source\":{\"principals\":[\"example.org/ns/shop/sa/caller-%d\"]}}],"
                                    .formatted(i))
                    .append(
                            "\"to\":[{\"operation\":{\"methods\":[\"GET\"],\"paths\":[\"/orders/%d/*\"]}}]}"
                                    .formatted(i));
        }
        return review(
                "countersign.dev",
                "AuthorizationPolicy",
                "{\"apiVersion\":\"countersign.dev/v1\",\"kind\":\"AuthorizationPolicy\",\"metadata\":{\"name\":\"web\","
                        + "\"namespace\":\"shop\"},\"spec\":{\"selector\":{\"matchLabels\":{\"app\":\"web\"}},"
                        + "\"action\":\"ALLOW\",\"rules\":["
                        + rules
                        + "]}}");
    }

    private static SSLContext trusting(Path pem) throws Exception {
        KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
        roots.load(null, null);
        try (InputStream in = Files.newInputStream(pem)) {
            roots.setCertificateEntry(
                    "root", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(roots);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
