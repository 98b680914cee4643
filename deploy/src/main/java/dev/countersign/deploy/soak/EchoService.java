package dev.countersign.deploy.soak;

import dev.countersign.deploy.bench.RawBytes;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Answers each message with itself, by gRPC: one call a message, or a stream for as long as one likes. */
final class EchoService {
    static final MethodDescriptor<byte[], byte[]> SAY =
            method("Say", MethodDescriptor.MethodType.UNARY);
    static final MethodDescriptor<byte[], byte[]> TALK =
            method("Talk", MethodDescriptor.MethodType.BIDI_STREAMING);

    private static final String NAME = "soak.Echo";

    private EchoService() {}

    static Server start(int port) throws IOException {
        return NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .directExecutor()
                .addService(
                        ServerServiceDefinition.builder(NAME)
                                .addMethod(
                                        SAY,
                                        ServerCalls.asyncUnaryCall((said, answers) -> {
                                            answers.onNext(said);
                                            answers.onCompleted();
                                        }))
                                .addMethod(TALK, ServerCalls.asyncBidiStreamingCall(Echo::new))
                                .build())
                .build()
                .start();
    }

    private static MethodDescriptor<byte[], byte[]> method(
            String name, MethodDescriptor.MethodType type) {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(type)
                .setFullMethodName(NAME + "/" + name)
                .setRequestMarshaller(new RawBytes())
                .setResponseMarshaller(new RawBytes())
                .build();
    }

    private record Echo(StreamObserver<byte[]> answers) implements StreamObserver<byte[]> {
        @Override
        public void onNext(byte[] said) {
            answers.onNext(said);
        }

        @Override
        public void onError(Throwable broken) {
            // The caller has gone; there is nobody to answer.
        }

        @Override
        public void onCompleted() {
            answers.onCompleted();
        }
    }
}
