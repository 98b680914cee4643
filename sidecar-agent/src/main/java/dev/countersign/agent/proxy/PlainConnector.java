package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.connection.Direction;
import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.agent.proxy.tls.Alpn;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Makes plaintext connections to a place that is outside of the mesh, or that nothing is known of. Whoever
 * uses it has seen that this is allowed; {@code stillAllowed} is asked again on every change.
 */
final class PlainConnector implements Connector {
    private final Shared shared;
    private final String listener;
    private final InetSocketAddress address;
    private final OpenConnection.Recheck stillAllowed;

    PlainConnector(
            Shared shared,
            String listener,
            InetSocketAddress address,
            OpenConnection.Recheck stillAllowed) {
        this.shared = shared;
        this.listener = listener;
        this.address = address;
        this.stillAllowed = stillAllowed;
    }

    @Override
    public void connect(EventLoop loop, Alpn.Use use, Callback callback) {
        // Stands in the pipeline until its place is taken by what the callback adds.
        ChannelInboundHandlerAdapter place = new ChannelInboundHandlerAdapter();
        ChannelInitializer<Channel> initializer =
                new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.config().setAutoRead(false);
                        channel.pipeline().addLast(place);
                    }
                };
        shared.transport()
                .connect(
                        loop,
                        address,
                        shared.limits().timeout(Timeout.CONNECT_TO_PEER),
                        initializer)
                .addListener(connected -> {
                    if (connected.isSuccess()) {
                        succeeded((Channel) connected.getNow(), place, use, callback);
                    } else {
                        callback.failed(connected.cause());
                    }
                });
    }

    private void succeeded(
            Channel channel, ChannelInboundHandlerAdapter place, Alpn.Use use, Callback callback) {
        shared.table()
                .add(
                        Direction.OUTBOUND,
                        listener,
                        channel,
                        Optional.empty(),
                        address.getPort(),
                        switch (use) {
                            case HTTP1 -> "http/1.1";
                            case HTTP2 -> "h2";
                            case STREAM -> "tcp";
                        })
                .recheckedBy(stillAllowed);
        ChannelHandlerContext ctx = channel.pipeline().context(place);
        if (ctx == null) {
            callback.failed(new java.nio.channels.ClosedChannelException());
            return;
        }
        callback.connected(ctx, null, null);
        channel.pipeline().remove(place);
        if (use != Alpn.Use.STREAM) {
            channel.config().setAutoRead(true);
        }
    }
}
