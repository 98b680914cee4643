package dev.countersign.agent.ca;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The threads that move bytes to and from the CA: epoll where the kernel has it.
 *
 * @param group owned by this record
 * @param channelType fits the group
 */
public record EventLoops(EventLoopGroup group, Class<? extends SocketChannel> channelType)
        implements AutoCloseable {
    /** One daemon thread: the CA is asked seldom. */
    public static EventLoops create() {
        DefaultThreadFactory threads = new DefaultThreadFactory("ca-io", true);
        return Epoll.isAvailable()
                ? new EventLoops(
                        new MultiThreadIoEventLoopGroup(1, threads, EpollIoHandler.newFactory()),
                        EpollSocketChannel.class)
                : new EventLoops(
                        new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory()),
                        NioSocketChannel.class);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
