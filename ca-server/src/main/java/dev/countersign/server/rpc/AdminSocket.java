package dev.countersign.server.rpc;

import io.grpc.BindableService;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The admin service on a unix socket: mode 0600, in a folder of mode 0700 where we make it, and the
 * peer's user checked by the kernel's word.
 */
public final class AdminSocket implements AutoCloseable {
    /** Of a request; the largest is a certificate request and framing. */
    private static final int MAX_MESSAGE_BYTES = 64 * 1024;

    private final Path path;
    private final EventLoopGroup loop;
    private final ExecutorService calls;
    private final Server server;

    public AdminSocket(Path path, BindableService service, ServerInterceptor access) {
        this.path = path;
        this.loop =
                new MultiThreadIoEventLoopGroup(
                        1, new DefaultThreadFactory("admin-io", true), EpollIoHandler.newFactory());
        this.calls =
                Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("admin-", 0).factory());
        this.server =
                NettyServerBuilder.forAddress(
                                new DomainSocketAddress(path.toFile()),
                                InsecureServerCredentials.create())
                        .bossEventLoopGroup(loop)
                        .workerEventLoopGroup(loop)
                        .channelFactory(AdminSocket::listener)
                        .executor(calls)
                        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                        .addService(service)
                        .intercept(access)
                        .build();
    }

    /** Binds; a socket file that a dead process left behind is removed first. */
    public void start() throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null && !Files.exists(folder)) {
            Files.createDirectories(
                    folder,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        }
        Files.deleteIfExists(path);
        server.start();
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }

    private static EpollServerDomainSocketChannel listener() {
        EpollServerDomainSocketChannel listener = new EpollServerDomainSocketChannel();
        listener.pipeline().addLast(new PeerUserCheck());
        return listener;
    }

    @Override
    public void close() throws IOException {
        server.shutdownNow();
        calls.close();
        loop.shutdownGracefully();
        Files.deleteIfExists(path);
    }
}
