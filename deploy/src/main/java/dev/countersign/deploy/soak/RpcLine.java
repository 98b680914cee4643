package dev.countersign.deploy.soak;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A stream of gRPC to who sends back what it gets. */
final class RpcLine implements Talker.Line {
    private static final long PATIENCE_SECONDS = 6;

    private final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
    private final StreamObserver<byte[]> mouth;

    /** What came back: a message, or the end. */
    private sealed interface Heard {
        @SuppressWarnings("ArrayRecordComponent") // never compared
        record Message(byte[] bytes) implements Heard {}

        record End(String why) implements Heard {}
    }

    private RpcLine(Channel channel) {
        mouth =
                ClientCalls.asyncBidiStreamingCall(
                        channel.newCall(EchoService.TALK, CallOptions.DEFAULT.withWaitForReady()),
                        new Ear());
    }

    static RpcLine open(Channel channel) {
        return new RpcLine(channel);
    }

    @Override
    public byte[] exchange(byte[] said) throws IOException, InterruptedException {
        mouth.onNext(said);
        return switch (heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            case null -> throw new SocketTimeoutException("nothing came within 6 s");
            case Heard.Message message -> message.bytes();
            case Heard.End end -> throw new IOException(end.why());
        };
    }

    @Override
    public void close() {
        mouth.onError(new IOException("the talk is over"));
    }

    private final class Ear implements StreamObserver<byte[]> {
        @Override
        public void onNext(byte[] bytes) {
            heard.add(new Heard.Message(bytes));
        }

        @Override
        public void onError(Throwable broken) {
            heard.add(new Heard.End(String.valueOf(broken.getMessage())));
        }

        @Override
        public void onCompleted() {
            heard.add(new Heard.End("the stream was ended"));
        }
    }
}
