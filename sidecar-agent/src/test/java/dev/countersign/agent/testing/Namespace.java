package dev.countersign.agent.testing;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * One network namespace with an address of each family. What runs in it gets a thread of its own that has
 * entered it; sockets, threads and processes that are made there stay there.
 */
public final class Namespace {
    /** The user of applications; the agent is root here, whom the rules leave alone. */
    public static final int APPLICATION_UID = 2000;

    private static final int O_RDONLY = 0;
    private static final int CLONE_NEWNET = 0x40000000;
    private static final int PATIENCE_MILLIS = 30_000;

    private static final MethodHandle OPEN =
            libc("open", ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
    private static final MethodHandle CLOSE =
            libc("close", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    private static final MethodHandle SETNS =
            libc("setns", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    private static final MethodHandle SETFSUID =
            libc("setfsuid", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);

    private final String name;
    private final String v4;
    private final String v6;

    Namespace(String name, String v4, String v6) {
        this.name = name;
        this.v4 = v4;
        this.v6 = v6;
    }

    public String name() {
        return name;
    }

    public InetSocketAddress v4(int port) {
        return new InetSocketAddress(v4, port);
    }

    public InetSocketAddress v6(int port) {
        return new InetSocketAddress(v6, port);
    }

    /** Whether an address is this host's. (The JDK would list those of the process's first thread.) */
    public boolean has(InetAddress address) {
        return address.equals(v4(0).getAddress()) || address.equals(v6(0).getAddress());
    }

    /** Runs something in the namespace, as root. */
    public <T> T run(Callable<T> task) throws Exception {
        FutureTask<T> running =
                new FutureTask<>(() -> {
                    enter();
                    return task.call();
                });
        Thread thread = Thread.ofPlatform().name(name).daemon().start(running);
        try {
            return running.get();
        } catch (ExecutionException e) {
            thread.join();
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** A connection that the application makes. */
    public Socket dial(InetSocketAddress to) throws Exception {
        return run(() -> dialHere(to));
    }

    /** The same, on a thread that is in the namespace already. */
    public static Socket dialHere(InetSocketAddress to) throws IOException {
        Socket socket = new Socket();
        try {
            call(SETFSUID, APPLICATION_UID);
            socket.connect(to, PATIENCE_MILLIS);
        } catch (IOException refused) {
            socket.close();
            throw refused;
        } finally {
            call(SETFSUID, 0);
        }
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    private void enter() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom("/run/netns/" + name);
            int descriptor = call(OPEN, path, O_RDONLY);
            int entered = descriptor < 0 ? -1 : call(SETNS, descriptor, CLONE_NEWNET);
            if (descriptor >= 0) {
                call(CLOSE, descriptor);
            }
            if (entered != 0) {
                throw new IOException("namespace: " + name + " cannot be entered");
            }
        }
    }

    private static int call(MethodHandle function, Object... arguments) {
        try {
            return (int) function.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @SuppressWarnings("restricted") // the JDK has no other way to enter a namespace
    private static MethodHandle libc(
            String function, ValueLayout result, ValueLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().find(function).orElseThrow(),
                FunctionDescriptor.of(result, arguments));
    }
}
