package dev.countersign.agent.ca;

import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** Clients for HTTP/1.1 that follow nobody. */
final class HttpClients {
    private HttpClients() {}

    static HttpClient plaintext(Duration connectTimeout) {
        return builder(connectTimeout).build();
    }

    /**
     * A client that speaks TLS 1.3.
     *
     * @param own what to authenticate with; null: nothing
     */
    static HttpClient secured(Duration connectTimeout, TrustManager trust, @Nullable OwnKey own) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    own == null ? null : new KeyManager[] {own}, new TrustManager[] {trust}, null);
            // A resumed session would not be verified again; one second is the shortest there is.
            context.getClientSessionContext().setSessionTimeout(1);
            SSLParameters parameters = context.getDefaultSSLParameters();
            parameters.setProtocols(new String[] {"TLSv1.3"});
            return builder(connectTimeout).sslContext(context).sslParameters(parameters).build();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no TLS 1.3", e);
        }
    }

    private static HttpClient.Builder builder(Duration connectTimeout) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(connectTimeout);
    }
}
