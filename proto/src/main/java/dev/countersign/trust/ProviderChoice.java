package dev.countersign.trust;

import java.security.Provider;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Which provider computes: the JDK's, until the native one was wanted and did load. */
final class ProviderChoice {
    /** When the native provider is loaded. */
    enum Mode {
        /** At first use, which waits for it. */
        NATIVE,
        /** Beside the work, once there is {@link Demand}; until then the JDK computes. */
        WHEN_BUSY,
        /** Never. */
        JDK;

        /** Of a system property's value; what is absent or unknown is {@link #NATIVE}. */
        static Mode of(@Nullable String setting) {
            return switch (setting == null ? "" : setting) {
                case "jdk" -> JDK;
                case "when-busy" -> WHEN_BUSY;
                default -> NATIVE;
            };
        }
    }

    private final Provider jdk;
    private final Supplier<Optional<Provider>> loader;
    private final Demand demand;
    private final Executor beside;
    private final boolean waits;
    private volatile @Nullable Provider loaded;

    ProviderChoice(
            Mode mode,
            Provider jdk,
            Supplier<Optional<Provider>> loader,
            Demand demand,
            Executor beside) {
        this.jdk = jdk;
        this.loader = loader;
        this.demand = demand;
        this.beside = beside;
        this.waits = mode == Mode.WHEN_BUSY;
        if (mode == Mode.NATIVE) {
            load();
        }
    }

    Provider current() {
        Provider now = loaded;
        return now == null ? jdk : now;
    }

    boolean isNative() {
        return loaded != null;
    }

    /** To be told of every signature that is verified. */
    void used() {
        if (waits && loaded == null && demand.noted()) {
            beside.execute(this::load);
        }
    }

    private void load() {
        loaded = loader.get().orElse(null);
    }
}
