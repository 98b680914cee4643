package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.countersign.identity.SpiffeId;
import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import dev.countersign.wire.v1.envoy.AttributeContext;
import dev.countersign.wire.v1.envoy.AuthorizationGrpc;
import dev.countersign.wire.v1.envoy.CheckRequest;
import dev.countersign.wire.v1.envoy.CheckResponse;
import dev.countersign.wire.v1.envoy.DeniedHttpResponse;
import dev.countersign.wire.v1.envoy.HeaderValue;
import dev.countersign.wire.v1.envoy.HeaderValueOption;
import dev.countersign.wire.v1.envoy.HttpStatus;
import dev.countersign.wire.v1.envoy.OkHttpResponse;
import dev.countersign.wire.v1.envoy.RpcStatus;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Test;

/** Whom CUSTOM policies ask, with real providers on sockets and the whole path of a request. */
final class CustomProviderTest {

    private static final CheckResponse YES =
            CheckResponse.newBuilder().setStatus(RpcStatus.getDefaultInstance()).build();
    private static final CheckResponse NO =
            CheckResponse.newBuilder().setStatus(RpcStatus.newBuilder().setCode(7)).build();

    @Test
    void aYesLetsTheRequestPassWithTheProvidersHeaders() throws Exception {
        CheckResponse yes =
                YES.toBuilder()
                        .setOkResponse(
                                OkHttpResponse.newBuilder()
                                        .addHeaders(header("X-User", "alice"))
                                        .addHeaders(header("Host", "evil"))
                                        .addHeaders(header("x-bad", "a\r\nX-Smuggled: 1"))
                                        .addHeadersToRemove("X-Secret"))
                        .build();
        try (GrpcAuthorizer provider = new GrpcAuthorizer(question -> yes);
                HttpBackend backend = new HttpBackend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP)) {
            mesh.authorizer.asks(provider.settings(false));

            assertThat(get(mesh, "X-User: mallory\r\nX-Secret: s\r\n")).startsWith("HTTP/1.1 200");

            assertThat(backend.heads().getFirst())
                    .contains("x-user: alice\r\n")
                    .contains("Host: orders\r\n")
                    .doesNotContain("mallory")
                    .doesNotContain("X-Secret")
                    .doesNotContain("Smuggled")
                    .doesNotContain("evil");
            AttributeContext told = provider.asked.getFirst().getAttributes();
            assertThat(told.getSource().getPrincipal()).isEqualTo(mesh.web.toString());
            assertThat(told.getDestination().getPrincipal())
                    .isEqualTo("spiffe://mesh.test/ns/shop/sa/orders");
            assertThat(told.getRequest().getHttp().getMethod()).isEqualTo("GET");
            assertThat(told.getRequest().getHttp().getPath()).isEqualTo("/a?b=c");
            assertThat(told.getRequest().getHttp().getHeadersMap()).containsEntry("x-secret", "s");
        }
    }

    @Test
    void aNoIsAnsweredInTheProvidersWordsAndReachesNobody() throws Exception {
        CheckResponse no =
                NO.toBuilder()
                        .setDeniedResponse(
                                DeniedHttpResponse.newBuilder()
                                        .setStatus(HttpStatus.newBuilder().setCode(429))
                                        .addHeaders(header("retry-after", "5"))
                                        .setBody("slow down"))
                        .build();
        try (GrpcAuthorizer provider = new GrpcAuthorizer(question -> no);
                HttpBackend backend = new HttpBackend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP)) {
            mesh.authorizer.asks(provider.settings(false));

            assertThat(get(mesh, ""))
                    .startsWith("HTTP/1.1 429")
                    .contains("retry-after: 5\r\n")
                    .contains("x-countersign-denied: ")
                    .endsWith("slow down\n");
            assertThat(backend.heads()).isEmpty();
        }
    }

    @Test
    void aNoWithTheStatusOfSuccessIsForbiddenAllTheSame() throws Exception {
        CheckResponse no =
                NO.toBuilder()
                        .setDeniedResponse(
                                DeniedHttpResponse.newBuilder()
                                        .setStatus(HttpStatus.newBuilder().setCode(200)))
                        .build();
        try (GrpcAuthorizer provider = new GrpcAuthorizer(question -> no);
                HttpBackend backend = new HttpBackend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP)) {
            mesh.authorizer.asks(provider.settings(false));

            assertThat(get(mesh, "")).startsWith("HTTP/1.1 403");
        }
    }

    @Test
    void aProviderThatIsSilentDeniesOrLetsPassAsItIsSet() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (GrpcAuthorizer provider =
                        new GrpcAuthorizer(question -> {
                            awaitQuietly(never);
                            return YES;
                        });
                HttpBackend backend = new HttpBackend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP)) {
            mesh.authorizer.asks(provider.settings(false));
            assertThat(get(mesh, "")).startsWith("HTTP/1.1 503");

            mesh.authorizer.asks(provider.settings(true));
            assertThat(get(mesh, "")).startsWith("HTTP/1.1 200");
            assertThat(
                            Mesh.count(
                                    mesh.calledMeters,
                                    "countersign.agent.provider.questions",
                                    "provider",
                                    "opa",
                                    "outcome",
                                    "error"))
                    .isEqualTo(2);
        } finally {
            never.countDown();
        }
    }

    @Test
    void bodiesAndPipelinedRequestsWaitForTheAnswerAndStayInOrder() throws Exception {
        List<String> paths = new CopyOnWriteArrayList<>();
        try (GrpcAuthorizer provider =
                        new GrpcAuthorizer(question -> {
                            paths.add(question.getAttributes().getRequest().getHttp().getPath());
                            return paths.getLast().equals("/no") ? NO : YES;
                        });
                HttpBackend backend = new HttpBackend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP);
                Socket client = mesh.dial()) {
            mesh.authorizer.asks(provider.settings(false));
            client.setSoTimeout(60_000);
            client.getOutputStream()
                    .write(
                            RawBackend.ascii(
                                    "POST /echo HTTP/1.1\r\nHost: orders\r\nContent-Length: 5\r\n\r\nhello"
                                            + "GET /no HTTP/1.1\r\nHost: orders\r\n\r\n"
                                            + "POST /echo HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n"
                                            + "Content-Length: 5\r\n\r\nworld"));
            String all =
                    new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);

            assertThat(all).containsSubsequence("200", "hello", "403", "200", "world");
            assertThat(paths).containsExactly("/echo", "/no", "/echo");
            assertThat(backend.heads()).hasSize(2);
        }
    }

    @Test
    void aClientThatLeavesWhileTheProviderThinksLeavesNothingBehind() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        try (GrpcAuthorizer provider =
                        new GrpcAuthorizer(question -> {
                            asked.countDown();
                            awaitQuietly(answer);
                            return YES;
                        });
                HttpBackend backend = new HttpBackend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP)) {
            ExternalAuthorizer patient = provider.settings(false, Duration.ofMinutes(1));
            mesh.authorizer.asks(patient);
            try (Socket client = mesh.dial()) {
                client.getOutputStream()
                        .write(RawBackend.ascii("GET / HTTP/1.1\r\nHost: orders\r\n\r\n"));
                asked.await();
            }
            // It may have closed one direction only, so that what it asked for is done.
            answer.countDown();
            await().atMost(Mesh.PATIENCE).until(() -> mesh.caller.accepted() == 0);

            mesh.authorizer.asks();
            assertThat(get(mesh, "")).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void aTcpConnectionIsPutToTheProviderOnceAndStaysOpenWhenPoliciesChange() throws Exception {
        try (GrpcAuthorizer provider = new GrpcAuthorizer(question -> YES);
                RawBackend backend = new RawBackend((socket, in, out) -> in.transferTo(out));
                Mesh mesh = Mesh.of(backend.address(), Protocol.TCP)) {
            mesh.authorizer.asks(provider.settings(false));
            try (Socket client = mesh.dial()) {
                client.setSoTimeout(60_000);
                client.getOutputStream().write('a');
                assertThat(client.getInputStream().read()).isEqualTo('a');
                mesh.policies.changed();
                client.getOutputStream().write('b');
                assertThat(client.getInputStream().read()).isEqualTo('b');
            }
            assertThat(provider.asked).hasSize(1);
            assertThat(provider.asked.getFirst().getAttributes().getRequest().hasHttp()).isFalse();
        }
    }

    @Test
    void aTcpConnectionThatTheProviderDeniesReachesNobody() throws Exception {
        try (GrpcAuthorizer provider = new GrpcAuthorizer(question -> NO);
                RawBackend backend = new RawBackend((socket, in, out) -> in.transferTo(out));
                Mesh mesh = Mesh.of(backend.address(), Protocol.TCP)) {
            mesh.authorizer.asks(provider.settings(false));
            try (Socket client = mesh.dial()) {
                client.setSoTimeout(60_000);
                assertThat(ended(client)).isTrue();
            }
            assertThat(backend.accepted()).isZero();
        }
    }

    @Test
    void aProviderOverMutualTlsIsBelievedOnlyWithItsIdentity() throws Exception {
        try (HttpBackend backend = new HttpBackend();
                GrpcAuthorizer provider = new GrpcAuthorizer(question -> YES);
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP)) {
            // The provider speaks plaintext: whoever must have an identity is not talked to.
            mesh.authorizer.asks(provider.settings("spiffe://mesh.test/ns/auth/sa/opa"));

            assertThat(get(mesh, "")).startsWith("HTTP/1.1 503");
            assertThat(provider.asked).isEmpty();
        }
    }

    @Test
    void aProviderWithAnIdentityIsAskedOverMutualTlsAndBelievedOnlyWithIt() throws Exception {
        SpiffeId opa = SpiffeId.parse("spiffe://mesh.test/ns/auth/sa/opa");
        try (HttpBackend backend = new HttpBackend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP);
                GrpcAuthorizer provider =
                        GrpcAuthorizer.secured(question -> YES, mesh.certificate(opa))) {
            mesh.authorizer.asks(provider.settings(mesh.web.toString()));
            assertThat(get(mesh, "")).startsWith("HTTP/1.1 503");
            assertThat(provider.asked).as("somebody else answered").isEmpty();

            mesh.authorizer.asks(provider.settings(opa.toString()));
            assertThat(get(mesh, "")).startsWith("HTTP/1.1 200");
            assertThat(provider.asked).hasSize(1);
        }
    }

    @Test
    void aProviderUnderGivenRootsMustHaveTheNameThatWasDialled() throws Exception {
        try (HttpBackend backend = new HttpBackend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP)) {
            TestAuthority company = TestAuthority.create("company.test", mesh.clock, 7);
            TestCertificate named = company.leaf("/authz").dns("localhost").build();
            String roots = pem(company.root().certificate());
            try (GrpcAuthorizer provider = GrpcAuthorizer.secured(question -> YES, named)) {
                mesh.authorizer.asks(provider.settings("127.0.0.1", roots));
                assertThat(get(mesh, "")).as("another name").startsWith("HTTP/1.1 503");
                mesh.authorizer.asks(
                        provider.settings("localhost", pem(mesh.authority.root().certificate())));
                assertThat(get(mesh, "")).as("other roots").startsWith("HTTP/1.1 503");
                assertThat(provider.asked).isEmpty();

                mesh.authorizer.asks(provider.settings("localhost", roots));
                assertThat(get(mesh, "")).startsWith("HTTP/1.1 200");
                assertThat(provider.asked).hasSize(1);
            }
        }
    }

    @Test
    void anHttpProviderSaysYesWithStatus200AndItsListedHeaders() throws Exception {
        try (HttpAuthorizer provider =
                        new HttpAuthorizer(200, Map.of("x-user", "bob", "x-other", "n"));
                HttpBackend backend = new HttpBackend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP)) {
            mesh.authorizer.asks(provider.settings());

            assertThat(get(mesh, "Authorization: Bearer t\r\nX-Told: 1\r\nX-Untold: 2\r\n"))
                    .startsWith("HTTP/1.1 200");

            assertThat(backend.heads().getFirst())
                    .contains("x-user: bob\r\n")
                    .doesNotContain("x-other");
            assertThat(provider.asked.getFirst())
                    .contains("GET /check/a?b=c")
                    .contains("authorization=Bearer t")
                    .contains("x-told=1")
                    .doesNotContain("x-untold");
        }
    }

    @Test
    void anHttpProviderSaysNoWithAnyOtherStatusARedirectIncluded() throws Exception {
        try (HttpAuthorizer provider =
                        new HttpAuthorizer(
                                302, Map.of("location", "https://login", "x-other", "n"));
                HttpBackend backend = new HttpBackend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP)) {
            mesh.authorizer.asks(provider.settings());

            assertThat(get(mesh, ""))
                    .startsWith("HTTP/1.1 403")
                    .contains("location: https://login\r\n")
                    .doesNotContain("x-other");
            assertThat(backend.heads()).isEmpty();
        }
    }

    @Test
    void anHttpProviderWithAnIdentityIsAskedOverMutualTlsAndBelievedOnlyWithIt() throws Exception {
        SpiffeId opa = SpiffeId.parse("spiffe://mesh.test/ns/auth/sa/opa");
        try (HttpBackend backend = new HttpBackend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP);
                HttpAuthorizer provider = HttpAuthorizer.secured(mesh.certificate(opa))) {
            mesh.authorizer.asks(provider.settings("127.0.0.1", mesh.web.toString(), ""));
            assertThat(get(mesh, "")).startsWith("HTTP/1.1 503");
            assertThat(provider.asked).as("somebody else answered").isEmpty();

            mesh.authorizer.asks(provider.settings("127.0.0.1", opa.toString(), ""));
            assertThat(get(mesh, "")).startsWith("HTTP/1.1 200");
            assertThat(provider.asked.getFirst()).contains(mesh.orders.toString());
        }
    }

    @Test
    void anHttpProviderUnderGivenRootsMustHaveTheNameThatWasDialled() throws Exception {
        try (HttpBackend backend = new HttpBackend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP)) {
            TestAuthority company = TestAuthority.create("company.test", mesh.clock, 7);
            TestCertificate named = company.leaf("/authz").dns("localhost").build();
            String roots = pem(company.root().certificate());
            try (HttpAuthorizer provider = HttpAuthorizer.secured(named)) {
                mesh.authorizer.asks(provider.settings("127.0.0.1", "", roots));
                assertThat(get(mesh, "")).as("another name").startsWith("HTTP/1.1 503");
                mesh.authorizer.asks(
                        provider.settings(
                                "localhost", "", pem(mesh.authority.root().certificate())));
                assertThat(get(mesh, "")).as("other roots").startsWith("HTTP/1.1 503");
                assertThat(provider.asked).isEmpty();

                mesh.authorizer.asks(provider.settings("localhost", "", roots));
                assertThat(get(mesh, "")).startsWith("HTTP/1.1 200");
                assertThat(provider.asked.getFirst()).contains("caller=nobody");
            }
        }
    }

    private static String pem(X509Certificate certificate) throws Exception {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                + "\n-----END CERTIFICATE-----\n";
    }

    private static boolean ended(Socket client) throws IOException {
        try {
            return client.getInputStream().read() < 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String get(Mesh mesh, String headers) throws IOException {
        try (Socket client = mesh.dial()) {
            client.setSoTimeout(60_000);
            client.getOutputStream()
                    .write(
                            RawBackend.ascii(
                                    "GET /a?b=c HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n"
                                            + headers
                                            + "\r\n"));
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private static HeaderValueOption header(String name, String value) {
        return HeaderValueOption.newBuilder()
                .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value))
                .build();
    }

    private static ExternalAuthorizer settings(
            ExternalAuthorizer.Type type,
            String address,
            String spiffeId,
            String roots,
            Duration timeout,
            boolean failOpen) {
        return new ExternalAuthorizer(
                "opa",
                type,
                address,
                spiffeId,
                roots,
                timeout,
                failOpen,
                503,
                type == ExternalAuthorizer.Type.HTTP ? "/check" : "",
                List.of("x-told"),
                List.of("x-user"),
                List.of(),
                List.of("location"));
    }

    /** Speaks ext_authz. */
    private static final class GrpcAuthorizer implements AutoCloseable {
        final List<CheckRequest> asked = new CopyOnWriteArrayList<>();
        private final Server server;

        GrpcAuthorizer(Function<CheckRequest, CheckResponse> answers) throws IOException {
            this(answers, builder -> {});
        }

        /** Over TLS, with this certificate; whoever calls may show one as well. */
        static GrpcAuthorizer secured(
                Function<CheckRequest, CheckResponse> answers, TestCertificate own)
                throws IOException {
            SslContext tls =
                    GrpcSslContexts.configure(SslContextBuilder.forServer(own.key(), own.chain()))
                            .trustManager(InsecureTrustManagerFactory.INSTANCE)
                            .clientAuth(ClientAuth.OPTIONAL)
                            .build();
            return new GrpcAuthorizer(answers, builder -> builder.sslContext(tls));
        }

        private GrpcAuthorizer(
                Function<CheckRequest, CheckResponse> answers,
                Consumer<NettyServerBuilder> security)
                throws IOException {
            NettyServerBuilder builder =
                    NettyServerBuilder.forAddress(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            security.accept(builder);
            server =
                    builder.addService(
                                    new AuthorizationGrpc.AuthorizationImplBase() {
                                        @Override
                                        public void check(
                                                CheckRequest request,
                                                StreamObserver<CheckResponse> observer) {
                                            asked.add(request);
                                            observer.onNext(answers.apply(request));
                                            observer.onCompleted();
                                        }
                                    })
                            .build()
                            .start();
        }

        ExternalAuthorizer settings(boolean failOpen) {
            return settings(failOpen, Duration.ofSeconds(failOpen ? 2 : 3));
        }

        ExternalAuthorizer settings(boolean failOpen, Duration timeout) {
            return CustomProviderTest.settings(
                    ExternalAuthorizer.Type.GRPC, address(), "", "", timeout, failOpen);
        }

        ExternalAuthorizer settings(String spiffeId) {
            return CustomProviderTest.settings(
                    ExternalAuthorizer.Type.GRPC,
                    address(),
                    spiffeId,
                    "",
                    Duration.ofSeconds(3),
                    false);
        }

        ExternalAuthorizer settings(String host, String roots) {
            return CustomProviderTest.settings(
                    ExternalAuthorizer.Type.GRPC,
                    host + ":" + server.getPort(),
                    "",
                    roots,
                    Duration.ofSeconds(20),
                    false);
        }

        private String address() {
            return "127.0.0.1:" + server.getPort();
        }

        @Override
        public void close() {
            server.shutdownNow();
        }
    }

    /** Answers every request alike. */
    private static final class HttpAuthorizer implements AutoCloseable {
        final List<String> asked = new CopyOnWriteArrayList<>();
        private final HttpServer server;

        HttpAuthorizer(int status, Map<String, String> headers) throws IOException {
            this(
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0),
                    status,
                    headers);
        }

        private HttpAuthorizer(HttpServer server, int status, Map<String, String> headers) {
            this.server = server;
            server.createContext(
                    "/",
                    exchange -> {
                        List<String> seen = new ArrayList<>();
                        seen.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
                        exchange.getRequestHeaders()
                                .forEach((name, values) ->
                                        seen.add(
                                                name.toLowerCase(Locale.ROOT)
                                                        + "="
                                                        + values.getFirst()));
                        if (exchange instanceof HttpsExchange secured) {
                            seen.add("caller=" + callerOf(secured.getSSLSession()));
                        }
                        asked.add(String.join(" ", seen));
                        headers.forEach(exchange.getResponseHeaders()::set);
                        exchange.sendResponseHeaders(status, -1);
                        exchange.close();
                    });
            server.start();
        }

        /** Over TLS, with this certificate. */
        static HttpAuthorizer secured(TestCertificate own) throws Exception {
            HttpsServer server =
                    HttpsServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    keysOf(own), InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
            server.setHttpsConfigurator(
                    new HttpsConfigurator(context) {
                        @Override
                        public void configure(HttpsParameters parameters) {
                            SSLParameters wanted = context.getDefaultSSLParameters();
                            wanted.setWantClientAuth(true);
                            parameters.setSSLParameters(wanted);
                        }
                    });
            return new HttpAuthorizer(server, 200, Map.of());
        }

        private static KeyManager[] keysOf(TestCertificate own) throws Exception {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(
                    "own", own.key(), new char[0], own.chain().toArray(X509Certificate[]::new));
            KeyManagerFactory keys =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
            return keys.getKeyManagers();
        }

        /** The names of the certificate that the caller showed. */
        private static String callerOf(SSLSession session) {
            try {
                X509Certificate leaf = (X509Certificate) session.getPeerCertificates()[0];
                return String.valueOf(leaf.getSubjectAlternativeNames());
            } catch (SSLPeerUnverifiedException | CertificateParsingException e) {
                return "nobody";
            }
        }

        ExternalAuthorizer settings() {
            return settings("127.0.0.1", "", "");
        }

        ExternalAuthorizer settings(String host, String spiffeId, String roots) {
            return CustomProviderTest.settings(
                    ExternalAuthorizer.Type.HTTP,
                    host + ":" + server.getAddress().getPort(),
                    spiffeId,
                    roots,
                    Duration.ofSeconds(20),
                    false);
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
