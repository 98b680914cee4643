package dev.countersign.server.kubernetes;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which watches are open, by what is on the wire. The client itself counts one as open from its first
 * event on, which in a quiet cluster takes minutes, and it tries one that is refused again without
 * telling anybody: a missing permission would look like silence.
 */
final class Watches implements Interceptor {
    private static final String WATCH = "watch=true";

    private final Map<String, Integer> open = new ConcurrentHashMap<>();
    private final Map<String, String> failures = new ConcurrentHashMap<>();

    /**
     * @param resource as RBAC names it
     */
    boolean isOpen(String resource) {
        return open.entrySet().stream()
                .anyMatch(path -> path.getKey().endsWith("/" + resource) && path.getValue() > 0);
    }

    /**
     * Why there is none.
     *
     * @param resource as RBAC names it
     */
    Optional<String> failure(String resource) {
        return failures.entrySet().stream()
                .filter(failure -> failure.getKey().endsWith("/" + resource))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    @Override
    public void after(
            HttpRequest request,
            HttpResponse<?> response,
            AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        String query = request.uri().getQuery();
        if (query == null || !query.contains(WATCH)) {
            return;
        }
        String path = request.uri().getPath();
        if (response.isSuccessful() && response.body() instanceof AsyncBody body) {
            failures.remove(path);
            open.merge(path, 1, Integer::sum);
            body.done().whenComplete((end, broken) -> open.merge(path, -1, Integer::sum));
        } else if (!response.isSuccessful()) {
            failures.put(path, "watch: status " + response.code());
        }
    }
}
