package dev.countersign.agent.proxy.connection;

import dev.countersign.trust.Refusal;
import dev.countersign.trust.TrustRefused;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why a connection was turned away before a byte of it was relayed. The code is stable: it is logged
 * and counted.
 *
 * @param code UPPER_SNAKE; a {@link Refusal} name when the peer's certificate was not believed
 * @param detail value and expectation, for the log
 */
public record HandshakeRefusal(String code, String detail) {
    public static final String NOT_TLS = "NOT_TLS";
    public static final String TIMEOUT = "HANDSHAKE_TIMEOUT";
    public static final String CLOSED = "HANDSHAKE_ABANDONED";
    public static final String NO_CERTIFICATE = "NO_CLIENT_CERTIFICATE";
    public static final String PEER_ALERT = "REFUSED_BY_PEER";
    public static final String PROTOCOL_VERSION = "TLS_VERSION";
    public static final String TLS_ERROR = "TLS_ERROR";
    public static final String NO_IDENTITY = "NO_IDENTITY";
    public static final String CONNECTION_LIMIT = "CONNECTION_LIMIT";
    public static final String PEER_LIMIT = "PEER_LIMIT";

    /** The application's own TLS where only ours is spoken. */
    public static final String FOREIGN_TLS = "FOREIGN_TLS";

    /** On a redirect listener: the kernel knows of no other destination. */
    public static final String NOT_REDIRECTED = "NOT_REDIRECTED";

    /** Redirected to one of the agent's own listeners. */
    public static final String OWN_LISTENER = "OWN_LISTENER";

    /** Inbound, and to an address that is none of this host's. */
    public static final String NOT_OUR_ADDRESS = "NOT_OUR_ADDRESS";

    /** Outbound, and the directory does not name the destination. */
    public static final String NOT_IN_DIRECTORY = "NOT_IN_DIRECTORY";

    /** Outbound without mutual TLS, where that is not allowed now. */
    public static final String PLAINTEXT_EGRESS = "PLAINTEXT_EGRESS";

    /** Outbound to a service that has no endpoint. */
    public static final String NO_ENDPOINT = "NO_ENDPOINT";

    private static final int MAX_CAUSES = 12;

    /** Names the reason behind a failed handshake. */
    public static HandshakeRefusal of(Throwable failure) {
        Optional<TrustRefused> refused = find(failure, TrustRefused.class);
        if (refused.isPresent()) {
            return new HandshakeRefusal(refused.get().refusal().name(), message(refused.get()));
        }
        if (find(failure, NotSslRecordException.class).isPresent()) {
            return new HandshakeRefusal(NOT_TLS, "first bytes: not TLS (expected: a ClientHello)");
        }
        if (find(failure, SslHandshakeTimeoutException.class).isPresent()) {
            return new HandshakeRefusal(TIMEOUT, message(failure));
        }
        if (find(failure, ClosedChannelException.class).isPresent()) {
            return new HandshakeRefusal(CLOSED, "closed before the handshake was over");
        }
        return ofMessage(message(failure));
    }

    private static HandshakeRefusal ofMessage(String message) {
        if (message.contains("PEER_DID_NOT_RETURN_A_CERTIFICATE")) {
            return new HandshakeRefusal(
                    NO_CERTIFICATE, "client certificate: none (expected: an X.509-SVID)");
        }
        if (message.contains("UNSUPPORTED_PROTOCOL") || message.contains("PROTOCOL_VERSION")) {
            return new HandshakeRefusal(PROTOCOL_VERSION, message + " (expected: TLS 1.3)");
        }
        if (message.contains("ALERT")) {
            return new HandshakeRefusal(PEER_ALERT, message);
        }
        if (message.contains("HTTP_REQUEST") || message.contains("WRONG_VERSION_NUMBER")) {
            return new HandshakeRefusal(NOT_TLS, message);
        }
        return new HandshakeRefusal(TLS_ERROR, message);
    }

    private static <T extends Throwable> Optional<T> find(Throwable failure, Class<T> type) {
        @Nullable Throwable cause = failure;
        for (int i = 0; i < MAX_CAUSES && cause != null; i++) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }

    private static String message(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }
}
