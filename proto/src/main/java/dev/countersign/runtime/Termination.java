package dev.countersign.runtime;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Being told to end: SIGTERM, SIGINT, or SIGHUP where it is not ignored. The first signal is handed to
 * whoever waits, so that the process ends in its own order and with exit code 0; without this a JVM
 * ends with 143, which service managers and orchestrators show as a failure. The second signal ends it
 * at once, with 128 and the signal's number, as shells count.
 *
 * <p>A signal that comes before {@link #watch} ends the process as the JVM does.
 */
public final class Termination {
    private static final List<String> SIGNALS = List.of("TERM", "INT", "HUP");
    private static final int KILLED_BY_SIGNAL = 128;
    private static final Logger LOG = LoggerFactory.getLogger(Termination.class);

    private final CountDownLatch asked = new CountDownLatch(1);

    private Termination() {}

    /** From now on signals are for {@link #await}. Once per process. */
    public static Termination watch() {
        Termination termination = new Termination();
        for (String name : SIGNALS) {
            try {
                termination.handle(name);
            } catch (ReflectiveOperationException | RuntimeException unwatchable) {
                LOG.atWarn()
                        .addKeyValue("signal", name)
                        .setCause(unwatchable)
                        .log("signal cannot be watched: it ends this process without draining");
            }
        }
        return termination;
    }

    /** Blocks until the process is told to end. */
    public void await() throws InterruptedException {
        asked.await();
    }

    /**
     * As {@link #await()}, for a while.
     *
     * @return whether it was told to
     */
    public boolean await(Duration atMost) throws InterruptedException {
        return asked.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** As the first signal does: for those who are told otherwise. */
    public void ask() {
        asked.countDown();
    }

    /** By reflection: {@code jdk.unsupported} has it, and the compiler warns of every mention. */
    private void handle(String name) throws ReflectiveOperationException {
        Class<?> signalClass = Class.forName("sun.misc.Signal");
        Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
        Object signal = signalClass.getConstructor(String.class).newInstance(name);
        int number = (Integer) signalClass.getMethod("getNumber").invoke(signal);
        Object handler =
                Proxy.newProxyInstance(
                        Termination.class.getClassLoader(),
                        new Class<?>[] {handlerClass},
                        (self, method, arguments) -> called(self, method, number));
        signalClass.getMethod("handle", signalClass, handlerClass).invoke(null, signal, handler);
    }

    private @Nullable Object called(Object self, Method method, int number) {
        return switch (method.getName()) {
            case "equals" -> false;
            case "hashCode" -> System.identityHashCode(self);
            case "toString" -> "Termination";
            default -> {
                signalled(number);
                yield null;
            }
        };
    }

    private void signalled(int number) {
        if (asked.getCount() == 0) {
            Runtime.getRuntime().halt(KILLED_BY_SIGNAL + number);
        }
        asked.countDown();
    }
}
