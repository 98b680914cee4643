package dev.countersign.deploy.rotation;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.agent.Agent;
import dev.countersign.agent.AgentConfig;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.runtime.ConfigReader;
import dev.countersign.server.CaServer;
import dev.countersign.server.ServerConfigReader;
import dev.countersign.server.attestation.localissuer.IssuerKeyFile;
import dev.countersign.server.attestation.localissuer.LocalIssuer;
import dev.countersign.server.attestation.localissuer.TokenRequest;
import dev.countersign.wire.v1.AdminServiceGrpc;
import dev.countersign.wire.v1.BeginRotationRequest;
import dev.countersign.wire.v1.ConnectedAgent;
import dev.countersign.wire.v1.GetRotationRequest;
import dev.countersign.wire.v1.GetRotationResponse;
import dev.countersign.wire.v1.ListAgentsRequest;
import dev.countersign.wire.v1.ListLogEntriesRequest;
import dev.countersign.wire.v1.ListRootsRequest;
import dev.countersign.wire.v1.LogEntry;
import dev.countersign.wire.v1.RootRole;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A server and agents as people run them, but in one process and with lives of seconds. */
final class LiveMesh implements AutoCloseable {
    private static final InstantSource CLOCK = InstantSource.system();
    private static final String SERVER =
            """
            trustDomain: example.org
            listen: 127.0.0.1:0
            dataDirectory: FOLDER/data
            keys: {passphraseFile: FOLDER/passphrase}
            ops: {listen: "127.0.0.1:0"}
            attestation:
              issuer: "https://local-issuer.countersign.internal"
              jwks: {file: FOLDER/issuer.jwks.json}
            issuance: {life: 10s}
            unsafe: {shortLives: true}
            rotation: {lease: 1s, dwell: 1s, clockSkew: 1s, canaryWindow: 2s, serverCertificateLife: 10s}
            policies: {directory: FOLDER/policies}
            bootstrap: {file: FOLDER/bootstrap.json}
            drain: 0s
            """;
    private static final String POLICY =
            """
            apiVersion: countersign.dev/v1
            kind: AuthorizationPolicy
            metadata: {name: callers, namespace: shop}
            spec:
              action: ALLOW
              rules: [{from: [{source: {namespaces: [web, shop]}}]}]
            """;
    private static final String AGENT =
            """
            trustDomain: example.org
            ca: {address: "127.0.0.1:PORT"}
            bootstrap: {file: "BOOTSTRAP", tokenFile: "TOKEN"}
            state: {directory: "STATE"}
            ops: {listen: "127.0.0.1:0"}
            proxy: {drain: 0s}
            """;

    private final Path folder;
    private final LocalIssuer issuer;
    private final CaServer server;
    private final HttpServer application;
    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final ManagedChannel channel;
    private final List<Agent> agents = new ArrayList<>();

    LiveMesh(Path folder, String... more) throws Exception {
        this.folder = folder;
        IssuerKeyFile key = new IssuerKeyFile(folder.resolve("issuer.jwk"));
        issuer = key.openOrCreate(IssuerKeyFile.Kind.ES256, CLOCK);
        Files.writeString(key.jwksFile(), issuer.jwks());
        Path passphrase =
                Files.writeString(folder.resolve("passphrase"), "long enough for tests\n");
        Files.setPosixFilePermissions(passphrase, PosixFilePermissions.fromString("rw-------"));
        Files.createDirectories(folder.resolve("policies"));
        Files.writeString(folder.resolve("policies/callers.yaml"), POLICY);
        Path config = folder.resolve("server.yaml");
        Files.writeString(
                config,
                SERVER.replace("FOLDER", folder.toString()) + String.join("\n", more) + "\n");
        server =
                CaServer.start(
                        ServerConfigReader.read(ConfigReader.load(config, Map.of())),
                        CLOCK,
                        new SecureRandom());
        channel =
                NettyChannelBuilder.forAddress(
                                new DomainSocketAddress(folder.resolve("data/admin.sock").toFile()))
                        .eventLoopGroup(loops)
                        .channelType(EpollDomainSocketChannel.class)
                        .overrideAuthority("admin.countersign")
                        .usePlaintext()
                        .build();
        application = application();
    }

    AdminServiceGrpc.AdminServiceBlockingStub admin() {
        return AdminServiceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    GetRotationResponse rotate(String canary) {
        return admin().beginRotation(BeginRotationRequest.newBuilder().setCanary(canary).build());
    }

    GetRotationResponse status() {
        return admin().getRotation(GetRotationRequest.getDefaultInstance());
    }

    String signingRoot() {
        return admin().listRoots(ListRootsRequest.getDefaultInstance()).getRootsList().stream()
                .filter(root -> root.getRole() == RootRole.ROOT_ROLE_SIGNING)
                .findFirst()
                .orElseThrow()
                .getKeyId();
    }

    List<ConnectedAgent> connected() {
        return admin().listAgents(ListAgentsRequest.getDefaultInstance()).getAgentsList();
    }

    /** Oldest first. */
    List<LogEntry> log(String type) {
        return admin().listLogEntries(
                        ListLogEntriesRequest.newBuilder().setType(type).setPageSize(1000).build())
                .getEntriesList()
                .reversed();
    }

    /** What a deployment gives an agent: a copy of the bootstrap file as it is now. */
    Path bootstrapOfToday(String agent) throws IOException {
        Path copy = folder.resolve(agent + "-bootstrap.json");
        if (!Files.exists(copy)) {
            Files.copy(folder.resolve("bootstrap.json"), copy);
        }
        return copy;
    }

    /** An agent that lets callers in to the application; {@code more} is added to its configuration. */
    Agent letsIn(String name, String more) throws Exception {
        return start(
                "shop",
                name,
                """
                listeners:
                  inbound:
                    - {name: app, listen: "127.0.0.1:0", target: "127.0.0.1:%d", protocol: http}
                %s
                """
                        .formatted(application.getAddress().getPort(), more));
    }

    /** An agent that calls another. */
    Agent calls(String namespace, String name, Agent callee, String account, String more)
            throws Exception {
        return start(
                namespace,
                name,
                """
                listeners:
                  outbound:
                    - {name: out, listen: "127.0.0.1:0", target: "127.0.0.1:%d", protocol: http, peer: "%s"}
                %s
                """
                        .formatted(
                                port(callee, "app"),
                                "spiffe://example.org/ns/shop/sa/" + account,
                                more));
    }

    /** A process of this pod: started again it finds what the one before kept. */
    Agent start(String namespace, String name, String more) throws Exception {
        Path token = folder.resolve(name + ".token");
        Files.writeString(
                token,
                issuer.mint(TokenRequest.of(new ServiceAccountName(namespace, name), name + "-0"))
                        .reveal());
        Path file = folder.resolve(name + ".yaml");
        Files.writeString(
                file,
                AGENT.replace("PORT", Integer.toString(server.port()))
                                .replace("BOOTSTRAP", bootstrapOfToday(name).toString())
                                .replace("TOKEN", token.toString())
                                .replace("STATE", folder.resolve(name + "-state").toString())
                        + more);
        Agent agent =
                Agent.start(AgentConfig.load(file, Map.of()), CLOCK, CLOCK.instant(), () -> {});
        agents.add(agent);
        return agent;
    }

    void stop(Agent agent) {
        agents.remove(agent);
        agent.close();
    }

    static int port(Agent agent, String listener) {
        return ((InetSocketAddress) Objects.requireNonNull(agent.listeners().get(listener)))
                .getPort();
    }

    @Override
    public void close() {
        agents.reversed().forEach(Agent::close);
        channel.shutdownNow();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        application.stop(0);
        server.close();
    }

    private static HttpServer application() throws IOException {
        HttpServer application =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        application.createContext(
                "/",
                exchange -> {
                    byte[] body = "42".getBytes(StandardCharsets.US_ASCII);
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        application.start();
        return application;
    }
}
