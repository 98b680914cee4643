package dev.countersign.agent.proxy.http;

import dev.countersign.policy.HeaderLookup;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A request as it is decided, whatever version of HTTP it came in: what is read here is what goes on.
 */
public interface RequestHead {
    String CONNECT = "CONNECT";

    /** As sent; methods are case-sensitive. */
    String method();

    /** The authority as sent, port included; empty when an HTTP/1.0 request has none. */
    String host();

    /** Whether a tunnel to {@link #host} is asked for, which has no path (RFC 9110 section 9.3.6). */
    default boolean isConnect() {
        return method().equals(CONNECT);
    }

    /**
     * The path, without query and fragment; as sent until {@link #usePath}. Empty for {@code CONNECT}.
     */
    String path();

    /** From now on the request is for this path: it is matched and it is forwarded. */
    void usePath(String normalised);

    /** The path and the query, as they are forwarded. */
    String target();

    /** With its question mark; empty where there is none. */
    String query();

    /** Takes a parameter out of the query that is passed on. */
    void dropParameter(String name);

    /** Takes every pair of this name out of the Cookie fields, and leaves the others as they are. */
    void dropCookie(String name);

    /** The values of a field that is passed on, one for each line. */
    List<String> fieldLines(String name);

    /** Takes a field out: it is neither matched nor passed on. */
    void drop(String name);

    /** All values of a field that is passed on, comma-joined; null when it is not there. */
    @Nullable String field(String name);

    /** Every field that is passed on, names in lower case. */
    void forEachField(BiConsumer<String, String> visitor);

    /** {@link #field} for as long as somebody asks, also after the head has gone on. */
    HeaderLookup lastingFields();
}
