package dev.countersign.agent.proxy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/** Jetty, as it comes. */
final class JettyBackend implements SmugglingTest.Backend {
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final Server server;

    JettyBackend() throws Exception {
        server = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        server.setHandler(
                new Handler.Abstract() {
                    @Override
                    public boolean handle(Request request, Response response, Callback callback)
                            throws Exception {
                        seen.add(request.getMethod() + " " + request.getHttpURI().getPathQuery());
                        Content.Source.consumeAll(request);
                        response.write(
                                true,
                                ByteBuffer.wrap("ok".getBytes(StandardCharsets.US_ASCII)),
                                callback);
                        return true;
                    }
                });
        server.start();
    }

    @Override
    public SocketAddress address() {
        return new InetSocketAddress(
                InetAddress.getLoopbackAddress(),
                ((ServerConnector) server.getConnectors()[0]).getLocalPort());
    }

    @Override
    public List<String> seen() {
        return List.copyOf(seen);
    }

    @Override
    public void close() throws Exception {
        server.stop();
    }
}
