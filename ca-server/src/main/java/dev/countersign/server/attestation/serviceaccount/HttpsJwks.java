package dev.countersign.server.attestation.serviceaccount;

import dev.countersign.policy.match.IpBlock;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

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
     * @param listed networks to allow although they are private, link-local or loopback
     * @param tls the roots to trust are its own
     */
    HttpsJwks(URI url, Set<IpBlock> listed, SSLSocketFactory tls) {
        if (!"https".equals(url.getScheme())
                || url.getHost() == null
                || url.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    "jwks url: " + url + " (expected: https://host/path, no user)");
        }
        this.url = url;
        this.sockets = new CheckedSocketFactory(tls, new AddressRule(listed));
    }

    /**
     * From settings.
     *
     * @param url https, with a host
     * @param networks addresses or CIDR ranges to allow although they are not public
     * @param roots PEM certificates to trust instead of the JDK's
     * @throws IllegalArgumentException when one of the texts is not what it should be
     * @throws IOException when the roots cannot be read
     */
    public static HttpsJwks of(String url, List<String> networks, Optional<Path> roots)
            throws IOException {
        Set<IpBlock> listed = new HashSet<>();
        for (String network : networks) {
            @Nullable IpBlock block = IpBlock.parse(network);
            if (block == null) {
                throw new IllegalArgumentException(
                        "jwks network: " + network + " (expected: an address or CIDR range)");
            }
            listed.add(block);
        }
        return new HttpsJwks(URI.create(url), listed, IssuerTls.trusting(roots));
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
