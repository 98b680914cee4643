package dev.countersign.server.cli;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** One of the ways to a server's admin service. */
sealed interface AdminDoor {
    /** An open connection and how to end it. */
    record Connection(ManagedChannel channel, Runnable ended) implements AutoCloseable {
        @Override
        public void close() {
            channel.shutdownNow();
            ended.run();
        }
    }

    /** Prepares; the first call connects. */
    Connection open();

    /** As a person knows it. */
    String address();

    /** The unix socket, on the server's host. */
    record Socket(Path path) implements AdminDoor {
        private static final int MAX_ANSWER = 16 * 1024 * 1024;

        @Override
        public Connection open() {
            if (!Files.exists(path)) {
                throw new CommandFailed(
                        "no server at "
                                + path.toAbsolutePath()
                                + " (expected: the admin socket of a running server; name it with"
                                + " --admin or "
                                + AdminConnection.ADMIN_VARIABLE
                                + ", or one on another host with --server and --operator)");
            }
            EventLoopGroup loop =
                    new MultiThreadIoEventLoopGroup(
                            1,
                            new DefaultThreadFactory("admin-client", true),
                            EpollIoHandler.newFactory());
            ManagedChannel channel =
                    NettyChannelBuilder.forAddress(new DomainSocketAddress(path.toFile()))
                            .eventLoopGroup(loop)
                            .channelType(EpollDomainSocketChannel.class)
                            .overrideAuthority("admin.countersign")
                            .usePlaintext()
                            .maxInboundMessageSize(MAX_ANSWER)
                            .build();
            return new Connection(channel, () -> loop.shutdownGracefully(0, 1, TimeUnit.SECONDS));
        }

        @Override
        public String address() {
            return path.toString();
        }
    }

    /** The server's port, with a token of the cluster's. */
    record Bearer(String address, BelievedServer server, KubeToken token) implements AdminDoor {
        private static final Metadata.Key<String> AUTHORIZATION =
                Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

        @Override
        public Connection open() {
            Metadata headers = new Metadata();
            headers.put(AUTHORIZATION, "Bearer " + token.reveal());
            return new Connection(
                    server.connect(
                            address,
                            Optional.empty(),
                            MetadataUtils.newAttachHeadersInterceptor(headers)),
                    () -> {});
        }
    }

    /** The server's port, with an operator's certificate. */
    record Network(String address, OperatorIdentity identity) implements AdminDoor {
        @Override
        public Connection open() {
            return new Connection(identity.connect(address), () -> {});
        }
    }
}
