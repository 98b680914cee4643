package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.http2.Http2Back;
import dev.countersign.agent.proxy.http2.Http2Limits;
import dev.countersign.agent.proxy.tls.Alpn;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Makes HTTP/2 connections to one place, in plaintext where that is what its connector makes.
 *
 * @param connector who checks that it is this peer
 */
record PeerDialer(Http2Limits limits, Connector connector, EventLoop loop)
        implements Http2Pool.Dialer {
    @Override
    public void dial(Http2Pool owner, long generation, Http2Pool.Outcome outcome) {
        connector.connect(
                loop,
                Alpn.Use.HTTP2,
                new Connector.Callback() {
                    @Override
                    public void connected(
                            ChannelHandlerContext ctx,
                            @Nullable SslHandler tls,
                            @Nullable String protocol) {
                        if (tls != null && !Alpn.isHttp2(protocol)) {
                            ctx.close();
                            outcome.failed(
                                    new IOException(
                                            "peer: speaks " + protocol + " (expected: HTTP/2)"));
                            return;
                        }
                        Http2Back back = new Http2Back(limits, owner, tls == null, generation);
                        ctx.pipeline().addLast(back);
                        outcome.opened(back);
                    }

                    @Override
                    public void failed(Throwable cause) {
                        outcome.failed(cause);
                    }
                });
    }
}
