package dev.countersign.server.cli;

import dev.countersign.wire.v1.AdminServiceGrpc;
import dev.countersign.wire.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** Mix-in: {@code --admin SOCKET}, and one call over it. */
public final class AdminConnection {
    /** Where a server run from this folder with an empty configuration listens. */
    public static final String DEFAULT_SOCKET = "countersign-data/admin.sock";

    private static final long DEADLINE_SECONDS = 30;
    private static final long VERIFY_DEADLINE_SECONDS = 3600;

    @Option(
            names = "--admin",
            paramLabel = "SOCKET",
            defaultValue = "${env:COUNTERSIGN_ADMIN:-" + DEFAULT_SOCKET + "}",
            description =
                    "Admin socket of the server (default: COUNTERSIGN_ADMIN, else "
                            + DEFAULT_SOCKET
                            + ").")
    Path socket = Path.of(DEFAULT_SOCKET);

    /** Connects, calls, disconnects. */
    public <T> T call(Function<AdminServiceBlockingStub, T> question) {
        return call(question, DEADLINE_SECONDS);
    }

    /** As {@link #call}, for work that takes long. */
    public <T> T callLong(Function<AdminServiceBlockingStub, T> question) {
        return call(question, VERIFY_DEADLINE_SECONDS);
    }

    private <T> T call(Function<AdminServiceBlockingStub, T> question, long seconds) {
        if (!Files.exists(socket)) {
            throw new CommandFailed(
                    "no server at "
                            + socket.toAbsolutePath()
                            + " (expected: the admin socket of a running server; name it with"
                            + " --admin or COUNTERSIGN_ADMIN)");
        }
        EventLoopGroup loop =
                new MultiThreadIoEventLoopGroup(
                        1,
                        new DefaultThreadFactory("admin-client", true),
                        EpollIoHandler.newFactory());
        ManagedChannel channel = channel(loop);
        try {
            return question.apply(
                    AdminServiceGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(seconds, TimeUnit.SECONDS));
        } catch (StatusRuntimeException refused) {
            throw failed(refused);
        } finally {
            channel.shutdownNow();
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private ManagedChannel channel(EventLoopGroup loop) {
        return NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .eventLoopGroup(loop)
                .channelType(EpollDomainSocketChannel.class)
                .overrideAuthority("admin.countersign")
                .usePlaintext()
                .maxInboundMessageSize(16 * 1024 * 1024)
                .build();
    }

    private CommandFailed failed(StatusRuntimeException refused) {
        String description = refused.getStatus().getDescription();
        return switch (refused.getStatus().getCode()) {
            case UNAVAILABLE ->
                    new CommandFailed(
                            "server at "
                                    + socket
                                    + ": "
                                    + (description == null ? "unavailable" : description),
                            refused);
            default ->
                    new CommandFailed(
                            description == null
                                    ? refused.getStatus().getCode().toString()
                                    : description,
                            refused);
        };
    }
}
