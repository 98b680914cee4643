package dev.countersign.agent.probe;

import java.time.Duration;
import java.util.List;

/**
 * One question for the application.
 *
 * @param path of the page by which it is asked
 * @param port of the application
 * @param how it is asked
 * @param timeout for all of it
 */
public record Check(String path, int port, How how, Duration timeout) {
    /** How it is asked. */
    public sealed interface How {
        /**
         * A status of 200 to 399 is good; redirects are not followed.
         *
         * @param target path and query
         * @param tls whether by HTTPS; the certificate is not looked at, as the kubelet does not either
         * @param headers {@code name: value}
         */
        record Http(String target, boolean tls, List<String> headers) implements How {
            public Http {
                headers = List.copyOf(headers);
            }
        }

        /** A connection that is accepted is good. */
        record Tcp() implements How {}

        /**
         * {@code grpc.health.v1.Health}: SERVING is good.
         *
         * @param service may be empty
         */
        record Grpc(String service) implements How {}
    }
}
