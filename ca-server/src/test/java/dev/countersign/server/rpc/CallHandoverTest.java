package dev.countersign.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

final class CallHandoverTest {
    /** Tasks that were handed over and not yet run. */
    private final List<Runnable> handed = new ArrayList<>();

    /** What the service was told. */
    private final List<String> told = new ArrayList<>();

    private final CallHandover handover = new CallHandover(handed::add);

    @Test
    void aCallOfOneMessageIsHandedOverOnceWhenAllOfItIsThere() {
        ServerCall.Listener<String> transport = begin(new Call(MethodType.UNARY));

        transport.onReady();
        transport.onMessage("a");
        assertThat(handed).isEmpty();
        transport.onHalfClose();
        assertThat(handed).hasSize(1);
        runAll();
        transport.onComplete();

        assertThat(told).containsExactly("started", "message a", "half closed", "complete");
        assertThat(handed).isEmpty();
    }

    @Test
    void aCallThatIsCancelledBeforeItIsWholeNeverStarts() {
        ServerCall.Listener<String> transport = begin(new Call(MethodType.UNARY));

        transport.onMessage("a");
        transport.onCancel();

        assertThat(handed).isEmpty();
        assertThat(told).isEmpty();
    }

    @Test
    void aStreamStartsAtOnceAndKeepsItsOrder() {
        ServerCall.Listener<String> transport = begin(new Call(MethodType.BIDI_STREAMING));

        transport.onMessage("a");
        transport.onMessage("b");
        assertThat(handed).hasSize(1);
        runAll();
        transport.onHalfClose();
        transport.onCancel();
        runAll();

        assertThat(told)
                .containsExactly("started", "message a", "message b", "half closed", "cancelled");
    }

    @Test
    void aServiceThatFailsEndsItsCall() {
        Call call = new Call(MethodType.UNARY);
        ServerCall.Listener<String> transport = begin(call);

        transport.onMessage("fault");
        transport.onHalfClose();
        runAll();

        assertThat(call.closed).extracting(Status::getCode).containsExactly(Status.Code.UNKNOWN);
        assertThat(told).containsExactly("started", "message fault");
    }

    @Test
    void anEventAfterTheEndpointWasClosedIsNoFault() {
        CallHandover closed =
                new CallHandover(task -> {
                    throw new RejectedExecutionException();
                });
        Call call = new Call(MethodType.BIDI_STREAMING);

        closed.interceptCall(call, new Metadata(), (at, headers) -> new Service()).onCancel();

        assertThat(call.closed).isEmpty();
    }

    private ServerCall.Listener<String> begin(Call call) {
        return handover.interceptCall(
                call,
                new Metadata(),
                (at, headers) -> {
                    told.add("started");
                    return new Service();
                });
    }

    private void runAll() {
        List<Runnable> now = List.copyOf(handed);
        handed.clear();
        now.forEach(Runnable::run);
    }

    private final class Service extends ServerCall.Listener<String> {
        @Override
        public void onMessage(String message) {
            told.add("message " + message);
            if (message.equals("fault")) {
                throw new IllegalStateException(message);
            }
        }

        @Override
        public void onHalfClose() {
            told.add("half closed");
        }

        @Override
        public void onCancel() {
            told.add("cancelled");
        }

        @Override
        public void onComplete() {
            told.add("complete");
        }
    }

    private static final class Call extends ServerCall<String, String> {
        private final List<Status> closed = new ArrayList<>();
        private final MethodType type;

        Call(MethodType type) {
            this.type = type;
        }

        @Override
        public void request(int messages) {
            // The test brings them.
        }

        @Override
        public void sendHeaders(Metadata headers) {
            throw new AssertionError("nothing is answered");
        }

        @Override
        public void sendMessage(String message) {
            throw new AssertionError("nothing is answered");
        }

        @Override
        public void close(Status status, Metadata trailers) {
            closed.add(status);
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public MethodDescriptor<String, String> getMethodDescriptor() {
            return MethodDescriptor.<String, String>newBuilder()
                    .setFullMethodName("test/Method")
                    .setType(type)
                    .setRequestMarshaller(new Text())
                    .setResponseMarshaller(new Text())
                    .build();
        }
    }

    private static final class Text implements Marshaller<String> {
        @Override
        public InputStream stream(String value) {
            throw new AssertionError("nothing is sent");
        }

        @Override
        public String parse(InputStream stream) {
            throw new AssertionError("nothing is received");
        }
    }
}
