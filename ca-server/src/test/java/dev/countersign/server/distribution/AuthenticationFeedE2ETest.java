package dev.countersign.server.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.feed.KeySet;
import dev.countersign.feed.Snapshot;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.policy.authentication.RequestAuthentication;
import dev.countersign.server.testing.AgentStream;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.testing.Svid;
import dev.countersign.testing.MutableClock;
import dev.countersign.wire.v1.KeyRefresh;
import dev.countersign.wire.v1.SubscribeRequest;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthenticationFeedE2ETest {
    /** Loopback is not listed, so that the server will not go there. */
    private static final String ADDRESS = "https://127.0.0.1:1/keys";

    private static final MutableClock CLOCK = MutableClock.create();

    @TempDir private static Path folder;

    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        RunningServer.prepare(folder, CLOCK);
        Files.writeString(
                folder.resolve("policies/authentication.yaml"),
                """
                apiVersion: countersign.dev/v1
                kind: PeerAuthentication
                metadata: {name: mesh, namespace: countersign-system}
                spec: {mtls: {mode: STRICT}}
                ---
                apiVersion: countersign.dev/v1
                kind: PeerAuthentication
                metadata: {name: web, namespace: shop}
                spec:
                  selector: {matchLabels: {app: web}}
                  portLevelMtls: {9090: {mode: PERMISSIVE}}
                ---
                apiVersion: security.istio.io/v1
                kind: RequestAuthentication
                metadata: {name: tokens, namespace: shop}
                spec: {jwtRules: [{issuer: "https://issuer.test", jwksUri: "ADDRESS"}]}
                ---
                apiVersion: security.istio.io/v1
                kind: PeerAuthentication
                metadata: {name: of-others, namespace: bank}
                spec: {mtls: {mode: DISABLE}}
                """
                        .replace("ADDRESS", ADDRESS));
        server =
                RunningServer.start(
                        folder,
                        CLOCK,
                        "workloads: [{namespace: shop, serviceAccount: web, labels: {app: web}}]\n");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void whatIsSaidAboutMutualTlsAndTokensReachesTheAgentItIsFor() {
        Svid web = server.svid("shop", "web", "web-1");
        AgentStream stream = AgentStream.open(server.connect(web)).send(AgentStream.hello());

        Snapshot snapshot = stream.snapshot(server, web);

        assertThat(snapshot.peerAuthentications())
                .extracting(PeerAuthentication::id)
                .containsExactly("countersign-system/mesh", "shop/web");
        assertThat(snapshot.requestAuthentications())
                .extracting(RequestAuthentication::id)
                .containsExactly("shop/tokens");
        assertThat(snapshot.keySets()).extracting(KeySet::address).containsExactly(ADDRESS);
        assertThat(snapshot.keySets().getFirst().jwks()).isEmpty();
        assertThat(snapshot.keySets().getFirst().problem()).isNotEmpty();
    }

    @Test
    void wishesForKeysAreTakenAndBounded() {
        Svid web = server.svid("shop", "web", "web-2");
        AgentStream stream = AgentStream.open(server.connect(web)).send(AgentStream.hello());
        stream.snapshot(server, web);

        stream.send(wish(List.of(ADDRESS, "https://not.mine/keys")));
        stream.send(wish(Collections.nCopies(17, ADDRESS)));

        assertThat(stream.refusal().code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(stream.refusal().reason()).isEqualTo("REQUEST_MALFORMED");
    }

    private static SubscribeRequest.Builder wish(List<String> addresses) {
        return SubscribeRequest.newBuilder()
                .setKeyRefresh(KeyRefresh.newBuilder().addAllAddresses(addresses));
    }
}
