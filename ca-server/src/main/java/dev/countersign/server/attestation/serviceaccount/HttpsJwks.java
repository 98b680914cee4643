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
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A JWK set behind an https URL. The server goes exactly there: no redirect, no proxy, no address
 * inside its own network unless listed, and no more than {@link #MAX_BYTES} or the time limit.
 */
public final class HttpsJwks implements JwksLoader {
    private final URI url;
    private final SSLSocketFactory tls;
    private final AddressRule rule;
    private final Timeouts timeouts;

    /**
     * @param url https, with a host
     * @param listed networks to allow although they are private, link-local or loopback
     * @param tls the roots to trust are its own
     */
    HttpsJwks(URI url, Set<IpBlock> listed, SSLSocketFactory tls, Timeouts timeouts) {
        if (!"https".equals(url.getScheme())
                || url.getHost() == null
                || url.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    "jwks url: " + url + " (expected: https://host/path, no user)");
        }
        this.url = url;
        this.tls = tls;
        this.rule = new AddressRule(listed);
        this.timeouts = timeouts;
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
        return new HttpsJwks(URI.create(url), listed, IssuerTls.trusting(roots), Timeouts.DEFAULT);
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
        CheckedSocketFactory sockets = new CheckedSocketFactory(tls, rule);
        // The read timeout is per read: whoever sends a byte now and then would hold us for ever.
        CompletableFuture.delayedExecutor(timeouts.whole().toMillis(), TimeUnit.MILLISECONDS)
                .execute(sockets::abort);
        try {
            HttpsURLConnection connection =
                    (HttpsURLConnection) url.toURL().openConnection(Proxy.NO_PROXY);
            try {
                prepare(connection, sockets);
                int status = connection.getResponseCode();
                if (status != HttpURLConnection.HTTP_OK) {
                    throw new JwksUnavailable(origin() + ": status " + status + " (expected: 200)");
                }
                return read(connection);
            } finally {
                connection.disconnect();
            }
        } catch (IOException e) {
            throw new JwksUnavailable(origin() + ": " + why(e, sockets));
        }
    }

    private void prepare(HttpsURLConnection connection, SSLSocketFactory sockets) {
        connection.setSSLSocketFactory(sockets);
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setConnectTimeout((int) timeouts.connect().toMillis());
        connection.setReadTimeout((int) timeouts.read().toMillis());
        connection.setRequestProperty("Accept", "application/jwk-set+json, application/json");
        connection.setRequestProperty("Connection", "close");
    }

    private byte[] read(HttpsURLConnection connection) throws IOException, JwksUnavailable {
        try (InputStream in = connection.getInputStream()) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new JwksUnavailable(
                        origin() + ": too large (expected: <= " + MAX_BYTES + " bytes)");
            }
            return bytes;
        }
    }

    private String why(IOException e, CheckedSocketFactory sockets) {
        String message = e.getMessage() == null ? "" : " " + Shown.of(e.getMessage());
        return sockets.isAborted()
                ? "too slow (expected: <= " + timeouts.whole() + ")"
                : e.getClass().getSimpleName() + message;
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every JDK has SHA-256
        }
    }

    /**
     * How long each part of a fetch may take.
     *
     * @param connect TCP alone
     * @param read between two reads, in the handshake too
     * @param whole from the first byte sent to the last one read
     */
    record Timeouts(Duration connect, Duration read, Duration whole) {
        static final Timeouts DEFAULT =
                new Timeouts(Duration.ofSeconds(3), Duration.ofSeconds(3), Duration.ofSeconds(8));
    }
}
