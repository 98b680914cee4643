package dev.countersign.deploy.bench.rotation;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.agent.Agent;
import dev.countersign.agent.AgentConfig;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.server.attestation.localissuer.IssuerKeyFile;
import dev.countersign.server.attestation.localissuer.LocalIssuer;
import dev.countersign.server.attestation.localissuer.TokenRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Real agents: as many callees as callers, each caller with a listener for each callee. */
final class Mesh {
    private static final Pattern NOT_AFTER = Pattern.compile("\"notAfter\"\\s*:\\s*\"([^\"]+)\"");

    private final Path work;
    private final LocalIssuer issuer;
    private final HttpServer application;
    private final List<Agent> callees = new ArrayList<>();
    private final List<Agent> callers = new ArrayList<>();

    Mesh(Path work) throws Exception {
        this.work = work;
        issuer = new IssuerKeyFile(work.resolve("issuer.jwk")).open(InstantSource.system());
        application = application();
    }

    /**
     * @param addresses of the servers, as the agent's configuration has them
     * @param clock the agent's own
     */
    void addCallee(String addresses, InstantSource clock) throws Exception {
        callees.add(
                start(
                        "callee-" + callees.size(),
                        addresses,
                        clock,
                        """
                        listeners:
                          inbound:
                            - {name: app, listen: "127.0.0.1:0", target: "127.0.0.1:%d", protocol: http}
                        """
                                .formatted(application.getAddress().getPort())));
    }

    void addCaller(String addresses, InstantSource clock) throws Exception {
        StringBuilder listeners = new StringBuilder("listeners:\n  outbound:\n");
        for (int i = 0; i < callees.size(); i++) {
            listeners.append(
                    "    - {name: to-%d, listen: \"127.0.0.1:0\", target: \"127.0.0.1:%d\", protocol: http, peer: \"spiffe://example.org/ns/fleet/sa/callee-%d\"}\n"
                            .formatted(i, port(callees.get(i), "app"), i));
        }
        callers.add(start("caller-" + callers.size(), addresses, clock, listeners.toString()));
    }

    /** Of one caller's listeners. */
    int[] ports(int caller) {
        int[] ports = new int[callees.size()];
        for (int i = 0; i < ports.length; i++) {
            ports[i] = port(callers.get(caller), "to-" + i);
        }
        return ports;
    }

    /** As the caller's agent says. */
    Instant certificateEnds(int caller) throws IOException {
        try (InputStream page =
                URI.create("http://127.0.0.1:%d/status".formatted(callers.get(caller).opsPort()))
                        .toURL()
                        .openStream()) {
            Matcher found =
                    NOT_AFTER.matcher(new String(page.readAllBytes(), StandardCharsets.UTF_8));
            return found.find() ? Instant.parse(found.group(1)) : Instant.EPOCH;
        }
    }

    private Agent start(String name, String addresses, InstantSource clock, String listeners)
            throws Exception {
        Path token = work.resolve(name + ".token");
        ServiceAccountName account = new ServiceAccountName("fleet", name);
        Files.writeString(token, issuer.mint(TokenRequest.of(account, name + "-0")).reveal());
        Path file = work.resolve(name + ".yaml");
        Files.writeString(
                file,
                """
                trustDomain: example.org
                ca: {address: "%s"}
                bootstrap: {file: bootstrap.json, tokenFile: "%s"}
                ops: {listen: "127.0.0.1:0"}
                """
                                .formatted(addresses, token)
                        + listeners);
        return Agent.start(AgentConfig.load(file, Map.of()), clock, clock.instant(), () -> {});
    }

    private static int port(Agent agent, String listener) {
        return ((InetSocketAddress) Objects.requireNonNull(agent.listeners().get(listener)))
                .getPort();
    }

    private static HttpServer application() throws IOException {
        HttpServer application =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 500);
        application.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
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
