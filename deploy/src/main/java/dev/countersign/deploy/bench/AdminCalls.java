package dev.countersign.deploy.bench;

import dev.countersign.wire.v1.AdminServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;

/** What an operator orders, over a server's admin socket. */
public final class AdminCalls {
    private AdminCalls() {}

    /** Open until this process ends. */
    public static AdminServiceGrpc.AdminServiceBlockingStub over(Path socket) {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                        .eventLoopGroup(
                                new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()))
                        .channelType(EpollDomainSocketChannel.class)
                        .overrideAuthority("admin.countersign")
                        .usePlaintext()
                        .build();
        return AdminServiceGrpc.newBlockingStub(channel);
    }
}
