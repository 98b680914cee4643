package dev.countersign.agent.ca;

import dev.countersign.trust.TrustRefused;
import io.grpc.ManagedChannel;
import java.util.Optional;
import java.util.function.Supplier;

/** One connection to the CA; whoever opened it closes it. */
public final class CaConnection implements AutoCloseable {
    private final ManagedChannel channel;
    private final Supplier<Optional<TrustRefused>> refusal;
    private final Supplier<Optional<TrustRefused>> revoked;

    CaConnection(
            ManagedChannel channel,
            Supplier<Optional<TrustRefused>> refusal,
            Supplier<Optional<TrustRefused>> revoked) {
        this.channel = channel;
        this.refusal = refusal;
        this.revoked = revoked;
    }

    public ManagedChannel channel() {
        return channel;
    }

    /** Why the server was not believed; empty when it was, or when it was not reached. */
    public Optional<TrustRefused> refusal() {
        return refusal.get();
    }

    /** Why a server that was believed would not be now: roots were taken away, or it is denied. */
    public Optional<TrustRefused> revoked() {
        return revoked.get();
    }

    /** Ends it at once; calls that are under way fail. Does not wait. */
    @Override
    public void close() {
        channel.shutdownNow();
    }
}
