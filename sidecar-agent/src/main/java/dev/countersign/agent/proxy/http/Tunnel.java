package dev.countersign.agent.proxy.http;

import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.agent.proxy.relay.ByteCount;
import dev.countersign.agent.proxy.relay.RelayHandler;
import dev.countersign.agent.proxy.relay.StreamSignal;
import dev.countersign.agent.proxy.relay.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelPipeline;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of two HTTP connections after a 101, or a 200 to {@code CONNECT}: from here on their
 * bytes are opaque.
 */
final class Tunnel {
    private static final int UPGRADE_FIELDS = 64;

    private Tunnel() {}

    /**
     * The head that opens the tunnel, as the client gets it.
     *
     * @param protocol what was asked for, and given; empty for {@code CONNECT}
     */
    static ByteBuf answer(
            ChannelHandlerContext client, ResponseHead head, Optional<String> protocol) {
        int more = protocol.map(String::length).orElse(0) + UPGRADE_FIELDS;
        ByteBuf out = client.alloc().directBuffer(head.size() + more);
        protocol.ifPresentOrElse(
                given -> head.writeUpgradeTo(out, given),
                () -> head.writeTo(out, ResponseHead.Persistence.STAYS));
        return out;
    }

    /** Sends the answer and puts a relay in the place of both sessions. */
    static void open(
            ChannelHandlerContext client,
            Wire clientWire,
            HttpBack server,
            ByteBuf answer,
            Early early) {
        client.write(answer, client.voidPromise());
        RelayHandler toClient = new RelayHandler();
        RelayHandler toServer = new RelayHandler();
        ChannelHandlerContext clientSignals = replace(client, clientWire, toClient);
        ChannelHandlerContext serverSignals = replace(server.context(), server.wire(), toServer);
        RelayHandler.join(
                toClient,
                toServer,
                OpenConnection.of(client.channel())
                        .<ByteCount>map(connection -> connection)
                        .orElse(ByteCount.NONE));
        feed(serverSignals, early.fromServer());
        feed(clientSignals, early.fromClient());
        if (early.clientFinished()) {
            clientSignals.fireUserEventTriggered(StreamSignal.FINISHED);
        }
        clientSignals.channel().flush();
    }

    private static ChannelHandlerContext replace(
            ChannelHandlerContext old, Wire wire, RelayHandler relay) {
        ChannelPipeline pipeline = old.pipeline();
        ChannelHandler signals = wire.signals();
        pipeline.addAfter(old.name(), null, relay);
        pipeline.addAfter(old.name(), null, signals);
        pipeline.remove(old.handler());
        return pipeline.context(signals);
    }

    private static void feed(ChannelHandlerContext signals, @Nullable ByteBuf bytes) {
        if (bytes == null) {
            return;
        }
        if (!bytes.isReadable()) {
            bytes.release();
            return;
        }
        try {
            ((ChannelInboundHandler) signals.handler()).channelRead(signals, bytes);
            ((ChannelInboundHandler) signals.handler()).channelReadComplete(signals);
        } catch (Exception e) {
            signals.fireExceptionCaught(e);
        }
    }

    /**
     * What had arrived before the tunnel was open.
     *
     * @param clientFinished whether the client had already ended its direction
     */
    record Early(
            @Nullable ByteBuf fromClient, @Nullable ByteBuf fromServer, boolean clientFinished) {}
}
