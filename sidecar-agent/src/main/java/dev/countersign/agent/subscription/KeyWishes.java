package dev.countersign.agent.subscription;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Addresses at which the server should look for an issuer's keys again, until a stream takes them.
 * Bounded: addresses come from policies, and what does not fit is wished for again by the next token.
 */
public final class KeyWishes {
    /** Of one message. */
    private static final int MOST = 16;

    private final Set<String> addresses = new LinkedHashSet<>();
    private Runnable onFirst = () -> {};

    /** Any thread; does not block. */
    public void add(String address) {
        Runnable tell;
        synchronized (this) {
            if (addresses.size() >= MOST || !addresses.add(address)) {
                return;
            }
            tell = onFirst;
        }
        tell.run();
    }

    synchronized void onFirst(Runnable listener) {
        onFirst = listener;
    }

    /** Takes them all. */
    synchronized List<String> drain() {
        List<String> all = List.copyOf(addresses);
        addresses.clear();
        return all;
    }
}
