package dev.countersign.agent.proxy.connection;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Event loops and sockets: epoll where the kernel offers it, NIO elsewhere. Addresses are {@link
 * InetSocketAddress} (a host name may be unresolved: it is looked up for each connection, off the
 * event loop) or {@link UnixDomainSocketAddress}.
 */
public final class Transport implements AutoCloseable {
    private static final int LOW_WATER_MARK = 32 * 1024;
    private static final int HIGH_WATER_MARK = 64 * 1024;
    private static final int USER_TIMEOUT_MILLIS = 30_000;
    private static final int KEEP_IDLE_SECONDS = 10;
    private static final int BACKLOG = 1024;

    private static final int SOL_SOCKET = 1;
    private static final int IPPROTO_TCP = 6;

    /** Numbers of Linux, which has the same on every machine that epoll is built for. */
    private static final ChannelOption<Integer> LISTENING_KEEPALIVE =
            new IntegerUnixChannelOption("LISTENING_SO_KEEPALIVE", SOL_SOCKET, 9);

    private static final ChannelOption<Integer> LISTENING_KEEPIDLE =
            new IntegerUnixChannelOption("LISTENING_TCP_KEEPIDLE", IPPROTO_TCP, 4);

    private static final ChannelOption<Integer> LISTENING_KEEPINTVL =
            new IntegerUnixChannelOption("LISTENING_TCP_KEEPINTVL", IPPROTO_TCP, 5);

    private static final ChannelOption<Integer> LISTENING_USER_TIMEOUT =
            new IntegerUnixChannelOption("LISTENING_TCP_USER_TIMEOUT", IPPROTO_TCP, 18);

    /** Enough for health, admin, the CA and a few files at a time. */
    private static final int RESERVE = 16;

    private static final int PAGE = 8192;
    private static final int MAX_ORDER = 4;
    private static final int SMALL_CACHE = 128;
    private static final int NORMAL_CACHE = 16;

    private final boolean epoll = Epoll.isAvailable();
    private final DescriptorReserve reserve = new DescriptorReserve(RESERVE);
    private final EventLoopGroup loops;
    private final PooledByteBufAllocator buffers;

    /**
     * @param threads event loops, at least 1
     */
    public Transport(int threads) {
        loops =
                new MultiThreadIoEventLoopGroup(
                        threads,
                        new DefaultThreadFactory("proxy", true),
                        epoll ? HalfCloseEpoll.newFactory() : NioIoHandler.newFactory());
        // Direct buffers only, one small arena per loop: memory is the reason to be frugal here.
        buffers =
                new PooledByteBufAllocator(
                        true, 0, threads, PAGE, MAX_ORDER, SMALL_CACHE, NORMAL_CACHE, false);
    }

    public EventLoopGroup loops() {
        return loops;
    }

    /** Buffers taken and not given back; those a loop caches count until it has ended. */
    public long buffersInUse() {
        return buffers.metric().directArenas().stream()
                .mapToLong(arena -> arena.numActiveAllocations())
                .sum();
    }

    /** Bytes of those buffers. */
    public long bufferBytes() {
        return buffers.metric().directArenas().stream()
                .mapToLong(arena -> arena.numActiveBytes())
                .sum();
    }

    /** "epoll" or "nio". */
    public String name() {
        return epoll ? "epoll" : "nio";
    }

    /**
     * Listens; accepted channels get {@code handler} and start on one of the loops.
     *
     * @throws IOException when the address cannot be bound
     */
    public Channel bind(SocketAddress address, ChannelHandler handler) throws IOException {
        boolean unix = address instanceof UnixDomainSocketAddress;
        ServerBootstrap bootstrap =
                new ServerBootstrap()
                        .group(loops)
                        .channel(serverType(unix))
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .handler(new AcceptBackoff(reserve))
                        .childOption(ChannelOption.ALLOCATOR, buffers)
                        .childOption(
                                ChannelOption.WRITE_BUFFER_WATER_MARK,
                                new WriteBufferWaterMark(LOW_WATER_MARK, HIGH_WATER_MARK))
                        .childHandler(handler);
        if (!unix) {
            bootstrap.option(ChannelOption.SO_REUSEADDR, true);
            if (epoll) {
                inherited(bootstrap);
            } else {
                bootstrap.childOption(ChannelOption.TCP_NODELAY, true);
                bootstrap.childOption(ChannelOption.SO_KEEPALIVE, true);
            }
        }
        ChannelFuture bound = bootstrap.bind(nettyAddress(address)).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("listen: " + address + " cannot be bound", bound.cause());
        }
        return bound.channel();
    }

    /** Connects on {@code loop}; a host name is resolved first, on a thread of its own. */
    public io.netty.util.concurrent.Future<Channel> connect(
            EventLoop loop, SocketAddress target, Duration timeout, ChannelHandler handler) {
        Promise<Channel> connected = loop.newPromise();
        if (!reserve.whole()) {
            return connected.setFailure(
                    new IOException("descriptors: none left, the rest is reserved"));
        }
        if (target instanceof InetSocketAddress inet && inet.isUnresolved()) {
            Thread.ofVirtual()
                    .name("resolve")
                    .start(() -> resolveAndConnect(loop, inet, timeout, handler, connected));
        } else {
            connectNow(loop, target, timeout, handler, connected);
        }
        return connected;
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        reserve.close();
    }

    /** The address as the rest of the program writes it. */
    public static SocketAddress plainAddress(SocketAddress address) {
        return address instanceof DomainSocketAddress unix
                ? UnixDomainSocketAddress.of(unix.path())
                : address;
    }

    /**
     * Said to the listening socket once: Linux hands it on to each socket that is accepted, which
     * saves four system calls a connection. (Netty itself turns Nagle's algorithm off.)
     */
    private static void inherited(ServerBootstrap bootstrap) {
        bootstrap.option(LISTENING_KEEPALIVE, 1);
        bootstrap.option(LISTENING_USER_TIMEOUT, USER_TIMEOUT_MILLIS);
        bootstrap.option(LISTENING_KEEPIDLE, KEEP_IDLE_SECONDS);
        bootstrap.option(LISTENING_KEEPINTVL, KEEP_IDLE_SECONDS);
    }

    private void resolveAndConnect(
            EventLoop loop,
            InetSocketAddress target,
            Duration timeout,
            ChannelHandler handler,
            Promise<Channel> connected) {
        try {
            InetAddress address = InetAddress.getByName(target.getHostString());
            SocketAddress resolved = new InetSocketAddress(address, target.getPort());
            loop.execute(() -> connectNow(loop, resolved, timeout, handler, connected));
        } catch (UnknownHostException | RuntimeException e) {
            connected.tryFailure(e);
        }
    }

    private void connectNow(
            EventLoop loop,
            SocketAddress target,
            Duration timeout,
            ChannelHandler handler,
            Promise<Channel> connected) {
        boolean unix = target instanceof UnixDomainSocketAddress;
        Bootstrap bootstrap =
                new Bootstrap()
                        .group(loop)
                        .channel(clientType(unix))
                        .option(ChannelOption.ALLOCATOR, buffers)
                        .option(
                                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                                Math.toIntExact(timeout.toMillis()))
                        .option(
                                ChannelOption.WRITE_BUFFER_WATER_MARK,
                                new WriteBufferWaterMark(LOW_WATER_MARK, HIGH_WATER_MARK))
                        .handler(handler);
        if (!unix) {
            bootstrap.option(ChannelOption.SO_KEEPALIVE, true);
            if (!epoll) {
                bootstrap.option(ChannelOption.TCP_NODELAY, true);
            } else {
                bootstrap.option(EpollChannelOption.TCP_USER_TIMEOUT, USER_TIMEOUT_MILLIS);
                bootstrap.option(EpollChannelOption.TCP_KEEPIDLE, KEEP_IDLE_SECONDS);
                bootstrap.option(EpollChannelOption.TCP_KEEPINTVL, KEEP_IDLE_SECONDS);
            }
        }
        ChannelFuture attempt = bootstrap.connect(nettyAddress(target));
        attempt.addListener(done -> {
            if (!done.isSuccess()) {
                connected.tryFailure(done.cause());
            } else if (!connected.trySuccess(attempt.channel())) {
                attempt.channel().close();
            }
        });
    }

    private Class<? extends ServerChannel> serverType(boolean unix) {
        if (epoll) {
            return unix ? EpollServerDomainSocketChannel.class : EpollServerSocketChannel.class;
        }
        return unix ? NioServerDomainSocketChannel.class : NioServerSocketChannel.class;
    }

    private Class<? extends Channel> clientType(boolean unix) {
        if (epoll) {
            return unix ? EpollDomainSocketChannel.class : EpollSocketChannel.class;
        }
        return unix ? NioDomainSocketChannel.class : NioSocketChannel.class;
    }

    private SocketAddress nettyAddress(SocketAddress address) {
        return epoll && address instanceof UnixDomainSocketAddress unix
                ? new DomainSocketAddress(unix.getPath().toString())
                : address;
    }
}
