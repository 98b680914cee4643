package dev.countersign.jwt;

import dev.countersign.jwt.TokenResult.Valid;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The last tokens whose signature was good: a client sends the same one with every request, and a
 * signature costs some hundred microseconds where no native provider is loaded. Times are checked
 * again each time. Bounded by count; tokens are bounded by size.
 */
final class GoodTokens {
    private static final int MOST = 512;
    private static final float LOAD = 0.75f;

    private final Map<FoundToken, Valid> kept =
            new LinkedHashMap<>(MOST, LOAD, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<FoundToken, Valid> eldest) {
                    return size() > MOST;
                }
            };

    synchronized @Nullable Valid get(FoundToken found) {
        return kept.get(found);
    }

    synchronized void put(FoundToken found, Valid valid) {
        kept.put(found, valid);
    }
}
