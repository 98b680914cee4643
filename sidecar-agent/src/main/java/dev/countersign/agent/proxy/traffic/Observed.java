package dev.countersign.agent.proxy.traffic;

import dev.countersign.agent.proxy.connection.Direction;
import org.jspecify.annotations.Nullable;

/** Something that passed, and may be shown. Nothing of its line is built before {@link #line}. */
sealed interface Observed permits ObservedRequest, ObservedStream {
    Direction direction();

    int port();

    /** SPIFFE ID of the other side; null where it proved none. */
    @Nullable String peer();

    /** Null where there are no paths. */
    @Nullable String path();

    boolean has(TapFilter.Mark mark);

    /** JSON without a line's end; the names are in the package documentation. */
    String line();
}
