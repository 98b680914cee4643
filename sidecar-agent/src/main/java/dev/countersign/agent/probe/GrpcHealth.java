package dev.countersign.agent.probe;

import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * gRPC's health service, asked as the kubelet does. Its two messages have one field each: {@code string
 * service = 1} and {@code ServingStatus status = 1}, of which 1 is SERVING.
 */
final class GrpcHealth {
    private static final int SERVICE_FIELD = 0x0a;
    private static final byte[] SERVING = {0x08, 0x01};
    private static final int MAX_ANSWER = 1024;
    private static final MethodDescriptor<byte[], byte[]> CHECK =
            MethodDescriptor.<byte[], byte[]>newBuilder(new Bytes(), new Bytes())
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName("grpc.health.v1.Health/Check")
                    .build();

    private GrpcHealth() {}

    static Optional<String> failure(String host, int port, String service, Duration timeout) {
        ManagedChannel channel =
                Grpc.newChannelBuilderForAddress(host, port, InsecureChannelCredentials.create())
                        .maxInboundMessageSize(MAX_ANSWER)
                        .userAgent("countersign-probe")
                        .build();
        try {
            byte[] answer =
                    ClientCalls.blockingUnaryCall(
                            channel,
                            CHECK,
                            CallOptions.DEFAULT.withDeadlineAfter(
                                    timeout.toNanos(), TimeUnit.NANOSECONDS),
                            question(service));
            return Arrays.equals(answer, SERVING)
                    ? Optional.empty()
                    : Optional.of("not serving (expected: SERVING)");
        } finally {
            channel.shutdownNow();
        }
    }

    private static byte[] question(String service) {
        byte[] name = service.getBytes(StandardCharsets.UTF_8);
        if (name.length == 0) {
            return name;
        }
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.write(SERVICE_FIELD);
        message.write(name.length); // of 127 bytes at most: ProbeSettings has counted
        message.writeBytes(name);
        return message.toByteArray();
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readNBytes(MAX_ANSWER);
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        }
    }
}
