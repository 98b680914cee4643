package dev.countersign.server.authority;

import dev.countersign.server.audit.AuditEvent;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;

/**
 * Stops a process at one point for good, so that it can be killed exactly there: before or after a
 * call of a port, in the course of a move to one phase.
 *
 * @param call for instance {@code replace}
 * @param after whether it has been done
 * @param phase that is moved to; empty = any
 */
record Trap(String call, boolean after, String phase) {
    /** What the log was told last: moves are on record before anything else is done for them. */
    private static volatile String moving = "";

    /** {@code before replace DRAINING}. */
    static Trap parse(String text) {
        String[] words = text.split(" ", -1);
        return new Trap(words[1], words[0].equals("after"), words.length > 2 ? words[2] : "");
    }

    /** The same port, with this trap in it. */
    <T> T in(Class<T> port, T real) {
        return port.cast(
                Proxy.newProxyInstance(
                        port.getClassLoader(),
                        new Class<?>[] {port},
                        (proxy, method, arguments) -> {
                            if (arguments != null
                                    && arguments[0] instanceof AuditEvent event
                                    && event.type() == AuditEvent.Type.ROTATION_MOVED) {
                                moving = String.valueOf(event.facts().get("to"));
                            }
                            spring(method.getName(), false);
                            try {
                                Object result = method.invoke(real, arguments);
                                spring(method.getName(), true);
                                return result;
                            } catch (InvocationTargetException thrown) {
                                throw thrown.getCause();
                            }
                        }));
    }

    void spring(String called, boolean done) throws InterruptedException {
        if (called.equals(call) && done == after && (phase.isEmpty() || phase.equals(moving))) {
            System.out.println("here " + this);
            new CountDownLatch(1).await();
        }
    }
}
