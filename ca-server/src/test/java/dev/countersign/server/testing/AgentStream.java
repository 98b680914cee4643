package dev.countersign.server.testing;

import dev.countersign.feed.Snapshot;
import dev.countersign.trust.TrustRefused;
import dev.countersign.wire.FeedCodec;
import dev.countersign.wire.v1.Hello;
import dev.countersign.wire.v1.SubscribeRequest;
import dev.countersign.wire.v1.SubscribeResponse;
import dev.countersign.wire.v1.SubscriptionServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A Subscribe stream as an agent has one, step by step. */
public final class AgentStream implements StreamObserver<SubscribeResponse> {
    private static final long PATIENCE_SECONDS = 60;

    private final BlockingQueue<SubscribeResponse> answers = new LinkedBlockingQueue<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();
    private final CompletableFuture<RunningServer.Refusal> refusal = new CompletableFuture<>();
    private final StreamObserver<SubscribeRequest> requests;

    private AgentStream(ManagedChannel channel) {
        this.requests = SubscriptionServiceGrpc.newStub(channel).subscribe(this);
    }

    /** Opens a stream and says nothing yet. */
    public static AgentStream open(ManagedChannel channel) {
        return new AgentStream(channel);
    }

    public static Hello.Builder hello() {
        return Hello.newBuilder().setProtocolVersion(1).setInstanceId("instance-1");
    }

    public AgentStream send(Hello.Builder hello) {
        return send(SubscribeRequest.newBuilder().setHello(hello));
    }

    public AgentStream send(SubscribeRequest.Builder request) {
        requests.onNext(request.build());
        return this;
    }

    public void complete() {
        requests.onCompleted();
    }

    /** The next message. */
    public SubscribeResponse next() {
        try {
            SubscribeResponse answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (answer == null) {
                throw new AssertionError("no message; end: " + end.getNow(Status.OK));
            }
            return answer;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The next message, which must be a snapshot that verifies. */
    public Snapshot snapshot(RunningServer server, Svid self) {
        SubscribeResponse next = next();
        try {
            return FeedCodec.verify(
                    next.getSnapshot(), server.bundles().signingKeys(), self.peer().id(), 0);
        } catch (TrustRefused e) {
            throw new AssertionError("not a snapshot to believe: " + next, e);
        }
    }

    /** The next message, which must be a delta on top of {@code held} that verifies. */
    public Snapshot delta(RunningServer server, Snapshot held) {
        SubscribeResponse next = next();
        try {
            return FeedCodec.verify(next.getDelta(), server.bundles().signingKeys(), held);
        } catch (TrustRefused e) {
            throw new AssertionError("not a delta to believe: " + next, e);
        }
    }

    /** How the stream ended. */
    public RunningServer.Refusal refusal() {
        try {
            return refusal.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("the stream has not been refused", e);
        }
    }

    @Override
    public void onNext(SubscribeResponse answer) {
        answers.add(answer);
    }

    @Override
    public void onError(Throwable thrown) {
        end.complete(Status.fromThrowable(thrown));
        if (thrown instanceof StatusRuntimeException refused) {
            refusal.complete(RunningServer.refusal(refused));
        }
    }

    @Override
    public void onCompleted() {
        end.complete(Status.OK);
    }
}
