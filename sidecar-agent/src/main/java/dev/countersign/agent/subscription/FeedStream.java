package dev.countersign.agent.subscription;

import dev.countersign.agent.ca.CaConnection;
import dev.countersign.agent.ca.Causes;
import dev.countersign.agent.ca.ServerRefusal;
import dev.countersign.trust.TrustRefused;
import dev.countersign.wire.v1.SubscribeRequest;
import dev.countersign.wire.v1.SubscribeResponse;
import dev.countersign.wire.v1.SubscriptionServiceGrpc;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One Subscribe stream on a connection of its own. Everything happens on the subscription's thread:
 * the connection's callbacks run there, and so do the calls of {@link #send}.
 */
final class FeedStream implements AutoCloseable {
    private final CaConnection connection;
    private final Events events;
    private @Nullable ClientCallStreamObserver<SubscribeRequest> toServer;
    private @Nullable Runnable whenFinished;
    private boolean heard;
    private boolean over;

    /** What happens on a stream; called on the subscription's thread. */
    interface Events {
        void received(FeedStream stream, SubscribeResponse message);

        /**
         * Once, and not after {@link FeedStream#close}.
         *
         * @param denied whether the server says that our certificate is
         */
        void ended(FeedStream stream, String why, boolean denied);
    }

    FeedStream(CaConnection connection, Events events) {
        this.connection = connection;
        this.events = events;
    }

    void open(SubscribeRequest hello) {
        SubscriptionServiceGrpc.newStub(connection.channel()).subscribe(new Responses());
        send(hello);
    }

    /** Whether the server has said anything yet. */
    boolean heard() {
        return heard;
    }

    /** Whether a message would leave now rather than wait in a queue. */
    boolean ready() {
        return !over && toServer != null && toServer.isReady();
    }

    /** Acknowledgements and the hello; others ask {@link #ready} first. */
    void send(SubscribeRequest message) {
        if (!over && toServer != null) {
            toServer.onNext(message);
        }
    }

    @Override
    public void close() {
        over = true;
        connection.close();
    }

    /**
     * Says that nothing comes any more; the server then ends the stream.
     *
     * @param done called once it has, and all that was sent has arrived
     */
    void finish(Runnable done) {
        if (over || toServer == null) {
            done.run();
            return;
        }
        whenFinished = done;
        toServer.onCompleted();
    }

    /** Why the server at the other end would not be believed any more; empty when it would. */
    Optional<TrustRefused> revoked() {
        return connection.revoked();
    }

    private void end(String why, boolean denied) {
        if (!over) {
            over = true;
            connection.close();
            if (whenFinished == null) {
                events.ended(this, why, denied);
            } else {
                whenFinished.run();
            }
        }
    }

    private String describe(Throwable error) {
        return connection
                .refusal()
                .map(Throwable::getMessage)
                .orElseGet(() -> Causes.innermost(error));
    }

    private final class Responses
            implements ClientResponseObserver<SubscribeRequest, SubscribeResponse> {
        @Override
        public void beforeStart(ClientCallStreamObserver<SubscribeRequest> requests) {
            toServer = requests;
        }

        @Override
        public void onNext(SubscribeResponse message) {
            if (!over) {
                heard = true;
                events.received(FeedStream.this, message);
            }
        }

        @Override
        public void onError(Throwable error) {
            end(
                    describe(error),
                    ServerRefusal.of(error)
                            .filter(no -> no.reason().equals(ServerRefusal.SUBSCRIBER_DENIED))
                            .isPresent());
        }

        @Override
        public void onCompleted() {
            end("the server ended the stream", false);
        }
    }
}
