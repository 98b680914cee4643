package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.countersign.agent.authorization.FakeAuthorizer;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A gRPC client and a gRPC server that know nothing of the agents between them. */
final class GrpcProxyTest {
    private static final int MOST = 32 * 1024 * 1024;
    private static final MethodDescriptor<byte[], byte[]> ECHO = method("Echo", MethodType.UNARY);
    private static final MethodDescriptor<byte[], byte[]> CHAT =
            method("Chat", MethodType.BIDI_STREAMING);
    private static final MethodDescriptor<byte[], byte[]> NEVER = method("Never", MethodType.UNARY);
    private static final MethodDescriptor<byte[], byte[]> FAIL = method("Fail", MethodType.UNARY);

    private final AtomicInteger cancelled = new AtomicInteger();
    private final List<Metadata> seen = new CopyOnWriteArrayList<>();
    private final Server server = serve();
    private final Mesh mesh =
            Mesh.of(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()),
                    Protocol.AUTO);
    private final ManagedChannel channel =
            NettyChannelBuilder.forAddress(mesh.outbound())
                    .usePlaintext()
                    .maxInboundMessageSize(MOST)
                    .build();

    @AfterEach
    void close() throws InterruptedException {
        channel.shutdownNow().awaitTermination(30, TimeUnit.SECONDS);
        mesh.close();
        server.shutdownNow().awaitTermination(30, TimeUnit.SECONDS);
    }

    @Test
    void aCallIsAnsweredAndDecidedByItsMethod() {
        mesh.authorizer.rule(request -> Objects.equals(request.path(), "/shop.Orders/Echo"));

        assertThat(call(ECHO, bytes("hello"))).isEqualTo(bytes("hello"));
        assertThatThrownBy(() -> call(FAIL, bytes("hello")))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        refused -> {
                            assertThat(refused.getStatus().getCode())
                                    .isEqualTo(Status.Code.PERMISSION_DENIED);
                            assertThat(refused.getStatus().getDescription())
                                    .contains(FakeAuthorizer.DENIAL_ID);
                        });
        assertThat(mesh.authorizer.asked()).contains("POST " + authority() + " /shop.Orders/Echo");
        assertThat(seen)
                .singleElement()
                .extracting(headers ->
                        headers.get(
                                Metadata.Key.of(
                                        "x-countersign-peer", Metadata.ASCII_STRING_MARSHALLER)))
                .isEqualTo(mesh.web.toString());
    }

    @Test
    void anApplicationsOwnStatusArrivesAsItIs() {
        assertThatThrownBy(() -> call(FAIL, bytes("because %")))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        failed -> {
                            assertThat(failed.getStatus().getCode())
                                    .isEqualTo(Status.Code.FAILED_PRECONDITION);
                            assertThat(failed.getStatus().getDescription()).isEqualTo("because %");
                        });
    }

    @Test
    void tenMegabytesPassBothWays() {
        byte[] message = new byte[10 * 1024 * 1024];
        new Random(7).nextBytes(message);

        assertThat(Arrays.equals(call(ECHO, message), message)).isTrue();
    }

    @Test
    void aConversationGoesBackAndForth() throws Exception {
        Collector answers = new Collector();
        StreamObserver<byte[]> questions =
                ClientCalls.asyncBidiStreamingCall(
                        channel.newCall(CHAT, CallOptions.DEFAULT), answers);
        for (int i = 0; i < 200; i++) {
            int number = i;
            questions.onNext(bytes("message " + i));
            await().atMost(Mesh.PATIENCE).until(() -> answers.received.size() > number);
        }
        questions.onCompleted();

        assertThat(answers.ended.get(60, TimeUnit.SECONDS)).isEqualTo(Status.Code.OK);
        assertThat(answers.received.getLast()).isEqualTo(bytes("message 199"));
    }

    @Test
    void aManyThousandMessagesInFlightArriveInOrder() throws Exception {
        Collector answers = new Collector();
        StreamObserver<byte[]> questions =
                ClientCalls.asyncBidiStreamingCall(
                        channel.newCall(CHAT, CallOptions.DEFAULT), answers);
        for (int i = 0; i < 10_000; i++) {
            questions.onNext(bytes("message " + i));
        }
        questions.onCompleted();

        assertThat(answers.ended.get(60, TimeUnit.SECONDS)).isEqualTo(Status.Code.OK);
        assertThat(answers.received).hasSize(10_000);
        assertThat(answers.received.get(9_999)).isEqualTo(bytes("message 9999"));
    }

    @Test
    void aMissedDeadlineCancelsTheCallAtTheApplication() {
        assertThatThrownBy(() ->
                        ClientCalls.blockingUnaryCall(
                                channel,
                                NEVER,
                                CallOptions.DEFAULT.withDeadlineAfter(300, TimeUnit.MILLISECONDS),
                                bytes("")))
                .hasMessageContaining("DEADLINE_EXCEEDED");
        await().atMost(Mesh.PATIENCE).until(() -> cancelled.get() == 1);
    }

    @Test
    void aCancelledCallIsCancelledAtTheApplication() throws Exception {
        Collector answers = new Collector();
        StreamObserver<byte[]> questions =
                ClientCalls.asyncBidiStreamingCall(
                        channel.newCall(CHAT, CallOptions.DEFAULT), answers);
        questions.onNext(bytes("one"));
        await().atMost(Mesh.PATIENCE).until(() -> answers.received.size() == 1);

        ((ClientCallStreamObserver<byte[]>) questions).cancel("enough", null);

        await().atMost(Mesh.PATIENCE).until(() -> cancelled.get() == 1);
    }

    @Test
    void aConversationEndsWithPermissionDeniedWhenPolicyChanges() throws Exception {
        Collector answers = new Collector();
        StreamObserver<byte[]> questions =
                ClientCalls.asyncBidiStreamingCall(
                        channel.newCall(CHAT, CallOptions.DEFAULT), answers);
        questions.onNext(bytes("one"));
        await().atMost(Mesh.PATIENCE).until(() -> answers.received.size() == 1);

        mesh.authorizer.rule(request -> false);
        mesh.policies.changed();

        assertThat(answers.ended.get(60, TimeUnit.SECONDS))
                .isEqualTo(Status.Code.PERMISSION_DENIED);
        await().atMost(Mesh.PATIENCE).until(() -> cancelled.get() == 1);
    }

    @Test
    void aReaderThatWaitsHoldsTheWriterBack() throws Exception {
        CompletableFuture<ClientCallStreamObserver<byte[]>> started = new CompletableFuture<>();
        AtomicInteger received = new AtomicInteger();
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        ClientCalls.asyncBidiStreamingCall(
                channel.newCall(CHAT, CallOptions.DEFAULT),
                new ClientResponseObserver<byte[], byte[]>() {
                    @Override
                    public void beforeStart(ClientCallStreamObserver<byte[]> call) {
                        call.disableAutoRequestWithInitial(0);
                        started.complete(call);
                    }

                    @Override
                    public void onNext(byte[] value) {
                        received.incrementAndGet();
                    }

                    @Override
                    public void onError(Throwable t) {
                        ended.complete(false);
                    }

                    @Override
                    public void onCompleted() {
                        ended.complete(true);
                    }
                });
        ClientCallStreamObserver<byte[]> call = started.get(60, TimeUnit.SECONDS);
        byte[] message = new byte[64 * 1024];
        int sent = 0;
        while (sent < 4000 && settlesReady(call)) {
            call.onNext(message);
            sent++;
        }

        // Windows, and what the back end's own stack holds: far from everything.
        assertThat(sent).isLessThan(400);
        call.onCompleted();
        call.request(sent);
        assertThat(ended.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(received.get()).isEqualTo(sent);
    }

    private static boolean settlesReady(ClientCallStreamObserver<byte[]> call) {
        try {
            await().atMost(java.time.Duration.ofMillis(500)).until(call::isReady);
            return true;
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            return false;
        }
    }

    private byte[] call(MethodDescriptor<byte[], byte[]> method, byte[] message) {
        return ClientCalls.blockingUnaryCall(
                channel,
                method,
                CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS),
                message);
    }

    private String authority() {
        return mesh.outbound().getHostString() + ":" + mesh.outbound().getPort();
    }

    private Server serve() {
        ServerServiceDefinition service =
                ServerServiceDefinition.builder("shop.Orders")
                        .addMethod(
                                ECHO,
                                ServerCalls.asyncUnaryCall((message, to) -> {
                                    to.onNext(message);
                                    to.onCompleted();
                                }))
                        .addMethod(
                                NEVER,
                                ServerCalls.asyncUnaryCall((message, to) ->
                                        ((ServerCallStreamObserver<byte[]>) to)
                                                .setOnCancelHandler(cancelled::incrementAndGet)))
                        .addMethod(
                                FAIL,
                                ServerCalls.asyncUnaryCall((message, to) ->
                                        to.onError(
                                                Status.FAILED_PRECONDITION
                                                        .withDescription(
                                                                new String(
                                                                        message,
                                                                        StandardCharsets.US_ASCII))
                                                        .asRuntimeException())))
                        .addMethod(CHAT, ServerCalls.asyncBidiStreamingCall(this::chat))
                        .build();
        try {
            return NettyServerBuilder.forAddress(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .maxInboundMessageSize(MOST)
                    .intercept(
                            new io.grpc.ServerInterceptor() {
                                @Override
                                public <Q, A> io.grpc.ServerCall.Listener<Q> interceptCall(
                                        io.grpc.ServerCall<Q, A> call,
                                        Metadata headers,
                                        io.grpc.ServerCallHandler<Q, A> next) {
                                    seen.add(headers);
                                    return next.startCall(call, headers);
                                }
                            })
                    .addService(service)
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads on only while what it answers is taken. */
    private StreamObserver<byte[]> chat(StreamObserver<byte[]> to) {
        ServerCallStreamObserver<byte[]> answers = (ServerCallStreamObserver<byte[]>) to;
        answers.setOnCancelHandler(cancelled::incrementAndGet);
        answers.disableAutoRequest();
        answers.request(1);
        AtomicInteger owed = new AtomicInteger();
        answers.setOnReadyHandler(() -> {
            if (owed.getAndSet(0) > 0) {
                answers.request(1);
            }
        });
        return new StreamObserver<>() {
            @Override
            public void onNext(byte[] message) {
                answers.onNext(message);
                owed.set(1);
                if (answers.isReady() && owed.getAndSet(0) > 0) {
                    answers.request(1);
                }
            }

            @Override
            public void onError(Throwable t) {
                // The cancel handler has counted it.
            }

            @Override
            public void onCompleted() {
                answers.onCompleted();
            }
        };
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(type)
                .setFullMethodName("shop.Orders/" + name)
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class Collector implements StreamObserver<byte[]> {
        final List<byte[]> received = new CopyOnWriteArrayList<>();
        final CompletableFuture<Status.Code> ended = new CompletableFuture<>();

        @Override
        public void onNext(byte[] value) {
            received.add(value);
        }

        @Override
        public void onError(Throwable t) {
            ended.complete(Status.fromThrowable(t).getCode());
        }

        @Override
        public void onCompleted() {
            ended.complete(Status.Code.OK);
        }
    }
}
