package dev.countersign.agent.ca;

import java.math.BigInteger;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Something that authenticates with the own certificate, made anew for each: a renewed one is used
 * from the next time on, and what is under way with the old one ends by itself.
 */
final class PerIdentity<T> implements AutoCloseable {
    private final Supplier<Optional<ClientIdentity>> identity;
    private final Function<ClientIdentity, T> maker;
    private final Consumer<T> retire;
    private final Consumer<T> close;
    private @Nullable T held;
    private @Nullable BigInteger serial;

    /**
     * @param retire lets what is under way end, and takes nothing new
     * @param close ends what is under way
     */
    PerIdentity(
            Supplier<Optional<ClientIdentity>> identity,
            Function<ClientIdentity, T> maker,
            Consumer<T> retire,
            Consumer<T> close) {
        this.identity = identity;
        this.maker = maker;
        this.retire = retire;
        this.close = close;
    }

    /**
     * With the certificate of now.
     *
     * @throws IllegalStateException when there is none yet
     */
    synchronized T current() {
        ClientIdentity own =
                identity.get()
                        .orElseThrow(() ->
                                new IllegalStateException("own identity: none (expected: one)"));
        BigInteger current = own.chain().getFirst().getSerialNumber();
        T before = held;
        if (before != null && current.equals(serial)) {
            return before;
        }
        T made = maker.apply(own);
        if (before != null) {
            retire.accept(before);
        }
        held = made;
        serial = current;
        return made;
    }

    /** Ends what is under way; the next time it is made anew. */
    synchronized void discard() {
        if (held != null) {
            close.accept(held);
            held = null;
        }
    }

    @Override
    public synchronized void close() {
        if (held != null) {
            close.accept(held);
        }
    }
}
