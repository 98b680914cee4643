package dev.countersign.server.rpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands calls over from the threads that read sockets to threads that may block. A call of one message
 * is handed over once, when all of it is there; what the transport says afterwards (sent, or cancelled)
 * nobody waits for and costs no thread. gRPC's own way starts a thread for each of these events, and
 * for the look at the name of the method.
 *
 * <p>Put before everything else: all other interceptors, and the service, run in the threads that may
 * block.
 */
final class CallHandover implements ServerInterceptor {
    private static final Logger LOG = LoggerFactory.getLogger(CallHandover.class);

    /** One message and one more: a second one is what a call of one message must not have. */
    private static final int ALL_MESSAGES = 2;

    private final Executor blocking;

    CallHandover(Executor blocking) {
        this.blocking = blocking;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        Handed<Q, R> handed = new Handed<>(call, headers, next, blocking);
        if (call.getMethodDescriptor().getType() == MethodType.UNARY) {
            call.request(ALL_MESSAGES);
            return new Whole<>(handed);
        }
        handed.start();
        return new Streaming<>(handed);
    }

    /** The real listener, which only threads that may block call, one at a time and in order. */
    private static final class Handed<Q, R> implements Runnable {
        private final ServerCall<Q, R> call;
        private final Metadata headers;
        private final ServerCallHandler<Q, R> next;
        private final Executor blocking;
        private final Queue<Consumer<ServerCall.Listener<Q>>> events =
                new ConcurrentLinkedQueue<>();
        private final AtomicBoolean running = new AtomicBoolean();

        /** The call's own: its deadline, and its end. */
        private final Runnable turn = Context.current().wrap(this);

        /** Owned by the thread whose turn it is. */
        private boolean failed;

        private volatile ServerCall.@Nullable Listener<Q> listener;

        Handed(
                ServerCall<Q, R> call,
                Metadata headers,
                ServerCallHandler<Q, R> next,
                Executor blocking) {
            this.call = call;
            this.headers = headers;
            this.next = next;
            this.blocking = blocking;
        }

        void later(Consumer<ServerCall.Listener<Q>> event) {
            events.add(event);
        }

        void start() {
            if (running.compareAndSet(false, true)) {
                try {
                    blocking.execute(turn);
                } catch (RejectedExecutionException closed) {
                    // The endpoint is closed, and the call with it: there is nobody left to tell.
                    running.set(false);
                }
            }
        }

        ServerCall.@Nullable Listener<Q> started() {
            return listener;
        }

        @Override
        public void run() {
            do {
                try {
                    work();
                } catch (RuntimeException fault) {
                    end(fault);
                }
                running.set(false);
                // Looked at after saying so: either this sees the newcomer, or it sees that.
            } while (!events.isEmpty() && running.compareAndSet(false, true));
        }

        private void work() {
            if (failed) {
                events.clear();
                return;
            }
            ServerCall.Listener<Q> at = listener;
            if (at == null) {
                at = next.startCall(call, headers);
                listener = at;
            }
            for (var event = events.poll(); event != null; event = events.poll()) {
                event.accept(at);
            }
        }

        private void end(RuntimeException fault) {
            failed = true;
            LOG.atError()
                    .addKeyValue("method", call.getMethodDescriptor().getFullMethodName())
                    .setCause(fault)
                    .log("call failed");
            try {
                call.close(Status.UNKNOWN.withDescription("internal fault"), new Metadata());
            } catch (IllegalStateException closed) {
                // It was answered before it failed.
            }
        }
    }

    /** A call of one message: begun when its caller has said everything. */
    private static final class Whole<Q, R> extends ServerCall.Listener<Q> {
        private final Handed<Q, R> handed;

        Whole(Handed<Q, R> handed) {
            this.handed = handed;
        }

        @Override
        public void onMessage(Q message) {
            handed.later(listener -> listener.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            handed.later(ServerCall.Listener::onHalfClose);
            handed.start();
        }

        @Override
        public void onCancel() {
            ServerCall.Listener<Q> started = handed.started();
            if (started != null) {
                started.onCancel();
            }
        }

        @Override
        public void onComplete() {
            ServerCall.Listener<Q> started = handed.started();
            if (started != null) {
                started.onComplete();
            }
        }
    }

    /** A call that goes on: every event in its turn. */
    private static final class Streaming<Q, R> extends ServerCall.Listener<Q> {
        private final Handed<Q, R> handed;

        Streaming(Handed<Q, R> handed) {
            this.handed = handed;
        }

        @Override
        public void onMessage(Q message) {
            next(listener -> listener.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            next(ServerCall.Listener::onHalfClose);
        }

        @Override
        public void onCancel() {
            next(ServerCall.Listener::onCancel);
        }

        @Override
        public void onComplete() {
            next(ServerCall.Listener::onComplete);
        }

        @Override
        public void onReady() {
            next(ServerCall.Listener::onReady);
        }

        private void next(Consumer<ServerCall.Listener<Q>> event) {
            handed.later(event);
            handed.start();
        }
    }
}
