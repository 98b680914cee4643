package dev.countersign.server.attestation.serviceaccount;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;

/**
 * A JWK set behind an https URL. The server goes exactly there: no redirect, no proxy, no address
 * inside its own network unless listed, and no more than {@link #MAX_BYTES} or the time limit.
 */
public final class HttpsJwks implements JwksLoader {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration WHOLE_TIMEOUT = Duration.ofSeconds(8);
    private static final int CHUNK = 16 * 1024;

    private final URI url;
    private final SSLSocketFactory sockets;

    /**
     * @param url https, with a host
     * @param listed addresses to allow although they are private, link-local or loopback
     * @param tls the roots to trust are its own
     */
    public HttpsJwks(URI url, Set<InetAddress> listed, SSLSocketFactory tls) {
        if (!"https".equals(url.getScheme())
                || url.getHost() == null
                || url.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    "jwks url: " + url + " (expected: https://host/path, no user)");
        }
        this.url = url;
        this.sockets = new CheckedSocketFactory(tls, new AddressRule(listed));
    }

    @Override
    public String origin() {
        return url.toString();
    }

    @Override
    public Optional<Document> load(String known) throws JwksUnavailable {
        byte[] bytes = get();
        String version = hash(bytes);
        return version.equals(known) ? Optional.empty() : Optional.of(new Document(bytes, version));
    }

    private byte[] get() throws JwksUnavailable {
        long start = System.nanoTime();
        try {
            HttpsURLConnection connection =
                    (HttpsURLConnection) url.toURL().openConnection(Proxy.NO_PROXY);
            try {
                connection.setSSLSocketFactory(sockets);
                connection.setInstanceFollowRedirects(false);
                connection.setUseCaches(false);
                connection.setConnectTimeout((int) CONNECT_TIMEOUT.toMillis());
                connection.setReadTimeout((int) READ_TIMEOUT.toMillis());
                connection.setRequestProperty(
                        "Accept", "application/jwk-set+json, application/json");
                connection.setRequestProperty("Connection", "close");
                int status = connection.getResponseCode();
                if (status != HttpURLConnection.HTTP_OK) {
                    throw new JwksUnavailable(origin() + ": status " + status + " (expected: 200)");
                }
                return read(connection, start);
            } finally {
                connection.disconnect();
            }
        } catch (IOException e) {
            throw new JwksUnavailable(
                    origin() + ": " + e.getClass().getSimpleName() + " " + why(e));
        }
    }

    private byte[] read(HttpsURLConnection connection, long start)
            throws IOException, JwksUnavailable {
        byte[] bytes = new byte[MAX_BYTES + 1];
        int length = 0;
        try (InputStream in = connection.getInputStream()) {
            while (true) {
                int read = in.read(bytes, length, Math.min(CHUNK, bytes.length - length));
                if (read < 0) {
                    return Arrays.copyOf(bytes, length);
                }
                length += read;
                if (length > MAX_BYTES) {
                    throw new JwksUnavailable(
                            origin() + ": too large (expected: <= " + MAX_BYTES + " bytes)");
                }
                if (System.nanoTime() - start > WHOLE_TIMEOUT.toNanos()) {
                    throw new JwksUnavailable(
                            origin()
                                    + ": too slow (expected: <= "
                                    + WHOLE_TIMEOUT.toSeconds()
                                    + " s)");
                }
            }
        }
    }

    private static String why(IOException e) {
        return e.getMessage() == null ? "" : Shown.of(e.getMessage());
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every JDK has SHA-256
        }
    }
}
