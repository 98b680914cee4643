package dev.countersign.server.distribution;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The destinations that agents may dial, as of now. Thread-safe. */
public final class ServiceDirectory {
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile List<ExportedService> services;

    public ServiceDirectory(List<ExportedService> first) {
        services = List.copyOf(first);
    }

    public List<ExportedService> services() {
        return services;
    }

    /** Replaces them all; listeners are told where anything differs. */
    public void publish(List<ExportedService> next) {
        if (!next.equals(services)) {
            services = List.copyOf(next);
            listeners.forEach(Runnable::run);
        }
    }

    /** Called after each change, on the publisher's thread. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }
}
