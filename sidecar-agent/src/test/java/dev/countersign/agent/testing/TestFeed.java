package dev.countersign.agent.testing;

import dev.countersign.wire.v1.ErrorDetail;
import dev.countersign.wire.v1.SubscribeRequest;
import dev.countersign.wire.v1.SubscribeResponse;
import dev.countersign.wire.v1.SubscriptionServiceGrpc;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.StreamObserver;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** The server's end of subscriptions: remembers what agents say, says what a test wants. */
public final class TestFeed extends SubscriptionServiceGrpc.SubscriptionServiceImplBase {
    private final List<Stream> streams = new CopyOnWriteArrayList<>();
    private volatile Function<Optional<X509Certificate>, List<SubscribeResponse>> greeting =
            peer -> List.of();

    /** One stream of one agent. */
    public static final class Stream {
        private final StreamObserver<SubscribeResponse> toAgent;
        private final Optional<X509Certificate> peer;
        private final List<SubscribeRequest> said = new CopyOnWriteArrayList<>();
        private volatile boolean ended;

        Stream(StreamObserver<SubscribeResponse> toAgent, Optional<X509Certificate> peer) {
            this.toAgent = toAgent;
            this.peer = peer;
        }

        public void say(SubscribeResponse response) {
            synchronized (toAgent) {
                toAgent.onNext(response);
            }
        }

        public void end(Status status) {
            synchronized (toAgent) {
                toAgent.onError(status.asRuntimeException());
            }
        }

        /** Ends it as the server does, with a stable reason. */
        public void refuse(Status status, String reason) {
            Metadata trailers = new Metadata();
            trailers.put(
                    Metadata.Key.of(
                            "countersign-error-bin",
                            ProtoUtils.metadataMarshaller(ErrorDetail.getDefaultInstance())),
                    ErrorDetail.newBuilder().setReason(reason).build());
            synchronized (toAgent) {
                toAgent.onError(status.asRuntimeException(trailers));
            }
        }

        public List<SubscribeRequest> said() {
            return said;
        }

        public Optional<X509Certificate> peer() {
            return peer;
        }

        public boolean ended() {
            return ended;
        }
    }

    /** What every new stream is answered with after its hello. */
    public void greet(SubscribeResponse... responses) {
        greeting = peer -> List.of(responses);
    }

    /** The same, by who subscribes. */
    public void greetBy(Function<Optional<X509Certificate>, List<SubscribeResponse>> greet) {
        greeting = greet;
    }

    public List<Stream> streams() {
        return streams;
    }

    public Stream latest() {
        return streams.getLast();
    }

    @Override
    public StreamObserver<SubscribeRequest> subscribe(StreamObserver<SubscribeResponse> toAgent) {
        Stream stream = new Stream(toAgent, TestCa.peer());
        streams.add(stream);
        return new StreamObserver<>() {
            @Override
            public void onNext(SubscribeRequest request) {
                stream.said.add(request);
                if (request.hasHello()) {
                    greeting.apply(stream.peer).forEach(stream::say);
                }
            }

            @Override
            public void onError(Throwable t) {
                stream.ended = true;
            }

            @Override
            public void onCompleted() {
                stream.ended = true;
                synchronized (toAgent) {
                    toAgent.onCompleted();
                }
            }
        };
    }
}
