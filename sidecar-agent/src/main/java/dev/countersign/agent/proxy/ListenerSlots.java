package dev.countersign.agent.proxy;

import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicInteger;

/** How many connections one listener has accepted and not closed. Thread-safe. */
final class ListenerSlots {
    private final int limit;
    private final AtomicInteger taken = new AtomicInteger();

    ListenerSlots(int limit) {
        this.limit = limit;
    }

    /** Takes one, given back when the channel closes; false when there is none. */
    boolean take(Channel channel) {
        if (taken.incrementAndGet() > limit) {
            taken.decrementAndGet();
            return false;
        }
        channel.closeFuture().addListener(closed -> taken.decrementAndGet());
        return true;
    }
}
