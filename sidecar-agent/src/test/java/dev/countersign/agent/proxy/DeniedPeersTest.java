package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.feed.DenyEntry;
import dev.countersign.identity.SpiffeId;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a deny entry does to connections that are open, in both directions. */
final class DeniedPeersTest {
    private static final SpiffeId ANOTHER = SpiffeId.parse("spiffe://mesh.test/ns/shop/sa/another");

    /** What an entry can name. */
    @SuppressWarnings("ImmutableEnumChecker") // what reads a state has none itself
    enum Named {
        IDENTITY(state -> new DenyEntry.Identity(state.peer().orElseThrow())),
        CERTIFICATE(state ->
                new DenyEntry.Certificate(
                        state.issuerKeyId().orElseThrow(), state.serial().orElseThrow())),
        ISSUER(state -> new DenyEntry.Issuer(state.issuerKeyId().orElseThrow()));

        private final Function<OpenConnection.State, DenyEntry.Target> of;

        Named(Function<OpenConnection.State, DenyEntry.Target> of) {
            this.of = of;
        }
    }

    @ParameterizedTest
    @EnumSource
    void anInboundConnectionOfADeniedPeerCloses(Named named) throws Exception {
        try (RawBackend backend = new RawBackend((socket, in, out) -> in.transferTo(out));
                Mesh mesh = Mesh.of(backend.address(), Protocol.TCP);
                Socket client = mesh.dial()) {
            roundTrip(client);
            OpenConnection.State open = mesh.called.connections().getFirst();

            mesh.called.deny(entries(new DenyEntry.Identity(ANOTHER)));
            roundTrip(client);
            mesh.called.deny(entries(named.of.apply(open)));

            await().atMost(Mesh.PATIENCE).until(() -> mesh.called.connections().isEmpty());
            assertThat(
                            Mesh.count(
                                    mesh.calledMeters,
                                    "countersign.agent.connections.closed.by.change"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aPooledConnectionToADeniedPeerClosesToo() throws Exception {
        try (HttpBackend backend = new HttpBackend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP);
                HttpClientSocket client = new HttpClientSocket(mesh.dial())) {
            client.send("GET / HTTP/1.1", "Host: orders");
            assertThat(client.receive().head()).startsWith("HTTP/1.1 200");
            assertThat(mesh.caller.connections()).hasSize(1);

            mesh.caller.deny(entries(new DenyEntry.Identity(mesh.orders)));

            await().atMost(Mesh.PATIENCE).until(() -> mesh.caller.connections().isEmpty());
        }
    }

    private static void roundTrip(Socket client) throws IOException {
        client.getOutputStream().write(7);
        client.getOutputStream().flush();
        assertThat(client.getInputStream().read()).isEqualTo(7);
    }

    private static List<DenyEntry> entries(DenyEntry.Target target) {
        return List.of(new DenyEntry("rv-1", target, Optional.empty(), "stolen"));
    }
}
