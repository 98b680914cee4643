package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.tls.Alpn;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/** Makes connections to one place that is outside of this workload. */
interface Connector {
    /**
     * @param use what is to be carried
     */
    void connect(EventLoop loop, Alpn.Use use, Callback callback);

    /** What came of it; one of the two is called, once, on the event loop. */
    interface Callback {
        /**
         * Handlers are added after {@code ctx}'s.
         *
         * @param tls null on a plaintext connection
         * @param protocol what TLS agreed on
         */
        void connected(
                ChannelHandlerContext ctx, @Nullable SslHandler tls, @Nullable String protocol);

        void failed(Throwable cause);
    }
}
