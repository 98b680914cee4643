package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.agent.proxy.ClientHello.Reading;
import dev.countersign.testing.Cases;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The first message of a TLS client, whole, in pieces, and what only looks like one. */
final class ClientHelloTest {
    @Test
    void aHelloOfARealClientSaysWhomItWantsAndWhatItSpeaks() throws Exception {
        Reading reading = ClientHello.read(Unpooled.wrappedBuffer(hello("h2", "http/1.1")));

        assertThat(reading)
                .isEqualTo(
                        new Reading.Whole(
                                new ClientHello("orders.shop", List.of("h2", "http/1.1"))));
    }

    @Test
    void everyBeginningOfAHelloIsIncomplete() throws Exception {
        byte[] hello = hello("h2");
        for (int length = 0; length < hello.length; length++) {
            ByteBuf part = Unpooled.wrappedBuffer(hello, 0, length);
            assertThat(ClientHello.read(part))
                    .isInstanceOfSatisfying(
                            Reading.Incomplete.class,
                            more ->
                                    assertThat(more.needed())
                                            .isGreaterThan(part.readableBytes())
                                            .isLessThanOrEqualTo(hello.length));
        }
    }

    @Test
    void aHelloMayBeSpreadOverManyRecords() throws Exception {
        byte[] hello = hello("countersign-tcp/1");
        ByteBuf records = Unpooled.buffer();
        for (int at = 5; at < hello.length; at += 7) {
            int length = Math.min(7, hello.length - at);
            records.writeByte(22).writeShort(0x0301).writeShort(length);
            records.writeBytes(hello, at, length);
        }

        assertThat(ClientHello.read(records))
                .isEqualTo(
                        new Reading.Whole(
                                new ClientHello("orders.shop", List.of("countersign-tcp/1"))));
    }

    @Test
    void whatFollowsAHelloChangesNothing() throws Exception {
        byte[] hello = hello("h2");

        assertThat(ClientHello.read(Unpooled.wrappedBuffer(hello, new byte[] {20, 9, 9, 9, 9, 9})))
                .isInstanceOf(Reading.Whole.class);
    }

    @Test
    void textAndOtherRecordsAreNoHello() {
        for (String text :
                List.of("GET / HTTP/1.1", "PRI *", "SSH-2.0", "\u0000\u0000\u0000\u0008")) {
            assertThat(ClientHello.read(bytes(text))).isEqualTo(Reading.NotTls.NOT_TLS);
        }
        assertThat(ClientHello.read(Unpooled.wrappedBuffer(new byte[] {22, 2})))
                .isEqualTo(Reading.NotTls.NOT_TLS);
        assertThat(
                        ClientHello.read(
                                Unpooled.wrappedBuffer(new byte[] {22, 3, 1, 0, 4, 2, 0, 0, 0})))
                .isEqualTo(Reading.NotTls.NOT_TLS);
        assertThat(ClientHello.read(Unpooled.wrappedBuffer(new byte[] {22, 3, 1, 0, 0})))
                .isEqualTo(Reading.NotTls.NOT_TLS);
    }

    @Test
    void aHelloThatIsTooLongIsSaidToBeAsSoonAsItsLengthIsKnown() {
        assertThat(
                        ClientHello.read(
                                Unpooled.wrappedBuffer(new byte[] {22, 3, 1, 1, 0, 1, 0x7f, 0, 0})))
                .isEqualTo(Reading.TooLong.TOO_LONG);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aBrokenHelloIsReadOrNoneNeverAFault(long seed) throws Exception {
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            byte[] hello = hello("h2", "a");
            for (int i = random.nextInt(4); i >= 0; i--) {
                hello[random.nextInt(hello.length)] = (byte) random.nextInt();
            }
            readsTheSameAtEverySplit(hello, random.nextInt(hello.length));
        }
    }

    @FuzzTest(maxDuration = "20s")
    void openingsAreReadTheSameAtEverySplit(byte[] data) {
        readsTheSameAtEverySplit(data, data.length / 2);
    }

    private static Stream<Long> seeds() {
        return Cases.seeds(5);
    }

    /** What was decided on a beginning is never taken back. */
    private static void readsTheSameAtEverySplit(byte[] data, int split) {
        Reading part = ClientHello.read(Unpooled.wrappedBuffer(data, 0, split));
        Reading whole = ClientHello.read(Unpooled.wrappedBuffer(data));
        if (part instanceof Reading.Incomplete more) {
            assertThat(more.needed()).isGreaterThan(split);
            if (data.length < more.needed()) {
                assertThat(whole).isNotInstanceOf(Reading.Whole.class);
            }
        } else {
            assertThat(whole).isEqualTo(part);
        }
    }

    private static byte[] hello(String... protocols) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine("orders.shop", 443);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName("orders.shop")));
        parameters.setApplicationProtocols(protocols);
        engine.setSSLParameters(parameters);
        return wrapped(engine);
    }

    private static byte[] wrapped(SSLEngine engine) throws SSLException {
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), out);
        byte[] hello = new byte[out.flip().remaining()];
        out.get(hello);
        return hello;
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, java.nio.charset.StandardCharsets.ISO_8859_1);
    }
}
