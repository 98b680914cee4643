package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.agent.proxy.http2.Http2Limits;
import dev.countersign.testing.Cases;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever both ends of a stream send, in whatever pieces, and however they end it: the other end
 * receives those bytes, or, of a stream that was broken off, a beginning of them.
 */
final class Http2RelayTest {
    private static final int STREAMS = 6;

    /** Smaller than the bodies, so that every window is used up again and again. */
    private static final Http2Limits TIGHT =
            new Http2Limits(
                    100, 1000, 65_535, 65_535, 64 * 1024, 4, Http2Limits.defaults().keepAlive());

    static Stream<Long> seeds() {
        return Cases.seeds(6);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void bytesArriveAsTheyWereSentAndEndsAsTheyEnded(long seed) throws Exception {
        Map<Integer, Conversation> conversations = new ConcurrentHashMap<>();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        List<Future<?>> servers = java.util.Collections.synchronizedList(new ArrayList<>());
        try (RawBackend backend =
                        new RawBackend((socket, in, out) -> {
                            Http2Wire wire = new Http2Wire(socket);
                            wire.in().readNBytes(Http2Wire.PREFACE.length);
                            wire.send(Http2Wire.SETTINGS, 0, 0, new byte[0]);
                            new Http2Peer(
                                            wire,
                                            new Random(seed),
                                            (stream, path) -> {
                                                wire.headers(stream.id(), false, ":status", "200");
                                                Conversation mine =
                                                        Objects.requireNonNull(
                                                                conversations.get(
                                                                        Integer.parseInt(
                                                                                path.substring(
                                                                                        1))));
                                                servers.add(
                                                        threads.submit(() -> mine.serve(stream)));
                                            })
                                    .run();
                        });
                Mesh mesh =
                        Mesh.of(
                                backend.address(),
                                Protocol.HTTP,
                                ProxyLimits.defaults().withHttp2(TIGHT));
                Http2Peer client =
                        new Http2Peer(
                                Http2Wire.client(mesh.dial()),
                                new Random(seed + 1),
                                (stream, path) -> {})) {
            threads.submit(client::run);
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) {
                Conversation conversation = new Conversation(new Cases(seed + i));
                int id = 1 + 2 * i;
                conversations.put(id, conversation);
                Http2Peer.Stream stream = client.open(id, "/" + id);
                clients.add(threads.submit(() -> conversation.call(stream)));
            }
            for (Future<?> each : clients) {
                each.get(60, TimeUnit.SECONDS);
            }
            for (Future<?> each : List.copyOf(servers)) {
                each.get(60, TimeUnit.SECONDS);
            }
            conversations.forEach((id, conversation) -> conversation.check(id));
        } finally {
            threads.shutdownNow();
        }
    }

    /** What both ends of one stream do. */
    private static final class Conversation {
        private final byte[] question;
        private final byte[] answer;
        private final Script client;
        private final Script server;
        private volatile Http2Peer.@Nullable Stream called;
        private volatile Http2Peer.@Nullable Stream served;

        Conversation(Cases cases) {
            question = bytes(cases);
            answer = bytes(cases);
            client = new Script(cases.random().nextLong(), end(cases, question.length));
            server = new Script(cases.random().nextLong(), end(cases, answer.length));
        }

        Void call(Http2Peer.Stream stream) throws IOException, InterruptedException {
            called = stream;
            client.run(stream, question);
            return null;
        }

        Void serve(Http2Peer.Stream stream) throws IOException, InterruptedException {
            served = stream;
            server.run(stream, answer);
            return null;
        }

        void check(int id) {
            arrived("question " + id, question, Objects.requireNonNull(served), client, server);
            arrived("answer " + id, answer, Objects.requireNonNull(called), server, client);
        }

        private static void arrived(
                String what, byte[] sent, Http2Peer.Stream at, Script sender, Script receiver) {
            if (at == null) {
                assertThat(sender.breaksOff() || receiver.breaksOff()).as(what).isTrue();
                return;
            }
            byte[] received = at.received();
            assertThat(received.length).as(what).isLessThanOrEqualTo(sent.length);
            assertThat(Arrays.equals(received, Arrays.copyOf(sent, received.length)))
                    .as(what)
                    .isTrue();
            if (!sender.breaksOff() && !receiver.breaksOff()) {
                assertThat(at.isFinished()).as(what + " finished").isTrue();
                assertThat(received).as(what).hasSize(sent.length);
            } else if (sender.breaksOff() && !receiver.breaksOff()) {
                assertThat(at.isFinished()).as(what + " is not taken for whole").isFalse();
                assertThat(at.resetWith()).as(what + " reset").isEqualTo(Script.CODE);
            }
        }

        private static byte[] bytes(Cases cases) {
            byte[] bytes = new byte[cases.between(0, 200_000)];
            cases.random().nextBytes(bytes);
            return bytes;
        }

        /** After how many bytes it breaks off; more than there are: it does not. */
        private static int end(Cases cases, int length) {
            return cases.between(0, 3) == 0 ? cases.between(0, length) : Integer.MAX_VALUE;
        }
    }

    /** One end: pieces of random sizes, then the end, then what the other end does. */
    private record Script(long seed, int breakAt) {
        static final int CODE = 8;

        boolean breaksOff() {
            return breakAt != Integer.MAX_VALUE;
        }

        void run(Http2Peer.Stream stream, byte[] bytes) throws IOException, InterruptedException {
            Random random = new Random(seed);
            int at = 0;
            while (at < bytes.length && at < breakAt) {
                int length =
                        Math.min(1 + random.nextInt(1 << random.nextInt(1, 16)), bytes.length - at);
                if (!stream.send(bytes, at, Math.min(length, breakAt - at))) {
                    return;
                }
                at += length;
            }
            if (breaksOff()) {
                stream.reset(CODE);
            } else {
                stream.finish();
                stream.await();
            }
        }
    }
}
