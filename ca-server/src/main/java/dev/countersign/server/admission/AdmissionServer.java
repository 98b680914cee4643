package dev.countersign.server.admission;

import dev.countersign.server.admission.review.Reviewer;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The port that the API server calls: TLS 1.3 or 1.2, HTTP/1.1. */
public final class AdmissionServer implements AutoCloseable {
    /** The API server keeps connections for 90 s and must not find one closed that it is about to use. */
    private static final long IDLE_MILLIS = 120_000;

    private static final int HEADER_BYTES = 16 * 1024;
    private static final int CONNECTIONS = 512;
    private static final long STOP_MILLIS = 5_000;
    private static final int SPARE_THREADS = 6;

    private final Server server;
    private final ServerConnector connector;

    /**
     * How it serves.
     *
     * @param listen port 0 takes a free one
     * @param concurrent reviews at once; others wait
     */
    public record Settings(InetSocketAddress listen, int concurrent) {}

    /**
     * Opens the port.
     *
     * @param tls asks for the certificate at every handshake
     * @param reviewers by path
     * @throws Exception when it cannot be bound
     */
    public static AdmissionServer start(
            Settings settings,
            SSLContext tls,
            Map<String, Reviewer> reviewers,
            MeterRegistry metrics)
            throws Exception {
        AdmissionServer server = new AdmissionServer(settings, tls, reviewers, metrics);
        try {
            server.server.start();
        } catch (Exception failed) {
            server.close();
            throw failed;
        }
        return server;
    }

    private AdmissionServer(
            Settings settings,
            SSLContext tls,
            Map<String, Reviewer> reviewers,
            MeterRegistry metrics) {
        QueuedThreadPool threads =
                new QueuedThreadPool(settings.concurrent() + SPARE_THREADS, SPARE_THREADS);
        threads.setName("webhook");
        threads.setDaemon(true);
        server = new Server(threads);
        connector =
                new ServerConnector(
                        server,
                        1,
                        1,
                        new SslConnectionFactory(tls(tls), "http/1.1"),
                        new HttpConnectionFactory(http()));
        connector.setHost(settings.listen().getHostString());
        connector.setPort(settings.listen().getPort());
        connector.setIdleTimeout(IDLE_MILLIS);
        server.addBean(new NetworkConnectionLimit(CONNECTIONS, connector));
        server.addConnector(connector);
        server.setStopTimeout(STOP_MILLIS);
        server.setHandler(
                new GracefulHandler(
                        new ReviewHandler(Map.copyOf(reviewers), settings.concurrent(), metrics)));
    }

    /** The port that was bound. */
    public int port() {
        return connector.getLocalPort();
    }

    /** No new connections; calls end, 5 s at most. */
    @Override
    public void close() throws IOException {
        try {
            server.stop();
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        } catch (Exception failed) {
            throw new IOException("webhooks did not stop", failed);
        }
    }

    private static SslContextFactory.Server tls(SSLContext context) {
        SslContextFactory.Server factory = new SslContextFactory.Server();
        factory.setSslContext(context);
        factory.setIncludeProtocols("TLSv1.3", "TLSv1.2");
        factory.setRenegotiationAllowed(false);
        // By address and by the Service's names alike: whom it believes, the caller decides.
        factory.setSniRequired(false);
        return factory;
    }

    private static HttpConfiguration http() {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(false);
        http.setRequestHeaderSize(HEADER_BYTES);
        http.addCustomizer(new SecureRequestCustomizer(false));
        return http;
    }
}
