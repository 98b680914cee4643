package dev.countersign.agent.provider;

import java.time.Instant;
import java.util.Map;

/**
 * One request or connection, as a provider is told of it.
 *
 * @param source SPIFFE ID of the caller; empty for one without identity
 * @param sourceAddress IP address, or empty
 * @param destination SPIFFE ID of the own workload
 * @param destinationAddress IP address, or empty
 * @param port of the workload
 * @param sni server name of the handshake, or empty
 * @param http what is asked for; {@link Http#NONE} of a TCP connection
 * @param time when it came
 */
public record CheckQuestion(
        String source,
        String sourceAddress,
        String destination,
        String destinationAddress,
        int port,
        String sni,
        Http http,
        Instant time) {

    /**
     * The request.
     *
     * @param path as it is matched and forwarded, with the query
     * @param headers by lower-case name, values of one name joined by commas
     */
    public record Http(String method, String host, String path, Map<String, String> headers) {
        /** There is no request. */
        public static final Http NONE = new Http("", "", "", Map.of());

        public Http {
            headers = Map.copyOf(headers);
        }
    }

    /** Whether this is about an HTTP request. */
    public boolean isHttp() {
        return !http.method().isEmpty();
    }
}
