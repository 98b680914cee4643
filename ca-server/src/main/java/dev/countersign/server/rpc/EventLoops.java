package dev.countersign.server.rpc;

import dev.countersign.server.limits.CallerCaps;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

/** The threads that read and write sockets: epoll where the platform has it. */
final class EventLoops implements AutoCloseable {
    private final EventLoopGroup acceptors;
    private final EventLoopGroup workers;

    EventLoops(int workers) {
        this.acceptors = group("rpc-accept", 1);
        this.workers = group("rpc-io", workers);
    }

    EventLoopGroup acceptors() {
        return acceptors;
    }

    EventLoopGroup workers() {
        return workers;
    }

    /** A listener that asks the caps before it accepts. */
    ServerChannel listener(CallerCaps caps) {
        ServerChannel listener =
                Epoll.isAvailable() ? new EpollServerSocketChannel() : new NioServerSocketChannel();
        listener.pipeline().addLast(new ConnectionCaps(caps));
        return listener;
    }

    @Override
    public void close() {
        acceptors.shutdownGracefully();
        workers.shutdownGracefully();
    }

    private static EventLoopGroup group(String name, int threads) {
        return new MultiThreadIoEventLoopGroup(
                threads,
                new DefaultThreadFactory(name, true),
                Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }
}
