package dev.countersign.deploy.bench;

import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A service of gRPC on {@code PORT} that answers a message with itself: {@code /orders/42}. */
public final class GrpcAnswers {
    private GrpcAnswers() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        MethodDescriptor<byte[], byte[]> method =
                MethodDescriptor.<byte[], byte[]>newBuilder()
                        .setType(MethodDescriptor.MethodType.UNARY)
                        .setFullMethodName("orders/42")
                        .setRequestMarshaller(new RawBytes())
                        .setResponseMarshaller(new RawBytes())
                        .build();
        Server server =
                NettyServerBuilder.forAddress(
                                new InetSocketAddress(
                                        InetAddress.getLoopbackAddress(),
                                        Integer.parseInt(arguments[0])))
                        .directExecutor()
                        .addService(
                                ServerServiceDefinition.builder("orders")
                                        .addMethod(
                                                method,
                                                ServerCalls.asyncUnaryCall((request, answers) -> {
                                                    answers.onNext(request);
                                                    answers.onCompleted();
                                                }))
                                        .build())
                        .build()
                        .start();
        server.awaitTermination();
    }
}
