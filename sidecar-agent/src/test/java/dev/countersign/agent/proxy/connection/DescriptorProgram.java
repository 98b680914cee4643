package dev.countersign.agent.proxy.connection;

import ch.qos.logback.classic.Level;
import dev.countersign.runtime.Health;
import dev.countersign.runtime.Logging;
import dev.countersign.runtime.OpsServer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A listener that greets and keeps whatever it accepts, and a health page; says both ports and runs. */
public final class DescriptorProgram {
    private DescriptorProgram() {}

    public static void main(String[] arguments) throws Exception {
        Logging.configure(Logging.Format.TEXT, Level.INFO);
        Transport transport = new Transport(1);
        InetSocketAddress anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        OpsServer ops =
                new OpsServer(
                        anywhere,
                        new Health(),
                        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        ops.start();
        InetSocketAddress bound =
                (InetSocketAddress) transport.bind(anywhere, new Keeper()).localAddress();
        System.out.println("ports " + bound.getPort() + " " + ops.port());
        System.out.flush();
        Thread.currentThread().join();
    }

    @ChannelHandler.Sharable
    private static final class Keeper extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {'!'}));
        }
    }
}
