package dev.countersign.policy.analysis;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A set of requests in words. Together with the others of its result it is exact; a text is empty
 * where anything will do.
 *
 * @param protocol {@code http}, {@code tcp} or {@code any}
 * @param source who calls: {@code anyone} includes callers without an identity
 * @param conditions what else must be so: host, addresses, server name, headers
 * @param onlyIf facts that were not looked into; the class is possible if they hold
 * @param witness one of the requests, confirmed by the engine; null: none could be made, so that it
 *     is unknown whether there is such a request
 */
public record RequestClass(
        String protocol,
        String source,
        String port,
        String method,
        String path,
        List<String> conditions,
        List<String> onlyIf,
        @Nullable Witness witness) {

    public RequestClass {
        conditions = List.copyOf(conditions);
        onlyIf = List.copyOf(onlyIf);
    }

    /** Whether both say the same, but for protocol and witness. */
    boolean saysAs(RequestClass other) {
        return source.equals(other.source)
                && port.equals(other.port)
                && method.equals(other.method)
                && path.equals(other.path)
                && conditions.equals(other.conditions)
                && onlyIf.equals(other.onlyIf);
    }

    /** The same on HTTP and TCP. */
    RequestClass onAnyProtocol() {
        return new RequestClass("any", source, port, method, path, conditions, onlyIf, witness);
    }

    /** What is asked for: {@code POST /orders}, {@code any request}, {@code tcp}. */
    public String request() {
        String text;
        if (method.isEmpty() && path.isEmpty()) {
            text =
                    switch (protocol) {
                        case "tcp" -> "any tcp connection";
                        case "http" -> "any http request";
                        default -> "anything";
                    };
        } else {
            text =
                    (method.isEmpty() ? "any method" : method)
                            + " "
                            + (path.isEmpty() ? "any path" : path);
        }
        return port.isEmpty() ? text : text + " on port " + port;
    }
}
