package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.agent.proxy.traffic.Tap;
import dev.countersign.agent.proxy.traffic.Traffic;
import dev.countersign.feed.OnPeerCertificateExpiry;
import dev.countersign.trust.SvidVerifier;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A listener that is a file: who may open it may use it. */
final class UnixSocketTest {
    @Test
    void theApplicationMayConnectThroughAUnixSocket(@TempDir Path directory) throws Exception {
        UnixDomainSocketAddress address =
                UnixDomainSocketAddress.of(directory.resolve("orders.sock"));
        try (HttpBackend backend = new HttpBackend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP);
                ProxyServer caller =
                        new ProxyServer(
                                ProxyConfig.of(
                                        List.of(),
                                        List.of(
                                                new OutboundListener(
                                                        "unix",
                                                        address,
                                                        mesh.inbound(),
                                                        mesh.orders,
                                                        Protocol.HTTP))),
                                mesh.webSvids,
                                new SvidVerifier(mesh.bundles, mesh.clock),
                                peer -> Optional.empty(),
                                mesh.callerRoots,
                                mesh.authorizer,
                                mesh.policies,
                                () -> OnPeerCertificateExpiry.KEEP,
                                mesh.external,
                                mesh.tokens,
                                mesh.callerEdges,
                                new Traffic(
                                        mesh.callerMetrics,
                                        Optional.empty(),
                                        new Tap(),
                                        Optional.empty(),
                                        mesh.clock),
                                Optional.empty(),
                                new SimpleMeterRegistry(),
                                mesh.clock,
                                new SecureRandom())) {
            caller.start();
            try (SocketChannel client = SocketChannel.open(address)) {
                client.write(
                        ByteBuffer.wrap(
                                RawBackend.ascii("GET / HTTP/1.1\r\nHost: orders\r\n\r\n")));
                ByteBuffer answer = ByteBuffer.allocate(1000);
                client.read(answer);

                assertThat(new String(answer.array(), StandardCharsets.US_ASCII))
                        .startsWith("HTTP/1.1 200 OK");
            }
            assertThat(caller.addresses()).containsEntry("unix", address);
        }
    }
}
