package dev.countersign.agent.proxy.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What sockets are told, as the kernel says it. */
final class TransportTest {
    private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();

    @Test
    void socketsOfBothDirectionsNoticePeersThatAreGone() throws Exception {
        Assumptions.assumeTrue(Epoll.isAvailable(), "epoll: not here");
        try (Transport transport = new Transport(1)) {
            Channel listener =
                    transport.bind(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            new ChannelInitializer<Channel>() {
                                @Override
                                protected void initChannel(Channel channel) {
                                    accepted.add(channel);
                                }
                            });
            Channel dialled =
                    transport
                            .connect(
                                    transport.loops().next(),
                                    listener.localAddress(),
                                    Duration.ofSeconds(10),
                                    new ChannelInitializer<Channel>() {
                                        @Override
                                        protected void initChannel(Channel channel) {
                                            // Nothing is said on it.
                                        }
                                    })
                            .sync()
                            .getNow();

            Channel taken = accepted.poll(60, TimeUnit.SECONDS);

            watchful(dialled);
            assertThat(taken).isNotNull();
            watchful(taken);
        }
    }

    private static void watchful(Channel channel) {
        assertThat(channel.config().getOption(ChannelOption.SO_KEEPALIVE)).isTrue();
        assertThat(channel.config().getOption(ChannelOption.TCP_NODELAY)).isTrue();
        assertThat(channel.config().getOption(EpollChannelOption.TCP_KEEPIDLE)).isEqualTo(10);
        assertThat(channel.config().getOption(EpollChannelOption.TCP_KEEPINTVL)).isEqualTo(10);
        assertThat(channel.config().getOption(EpollChannelOption.TCP_USER_TIMEOUT))
                .isEqualTo(30_000);
    }
}
