package dev.countersign.deploy.bench.fleet;

import dev.countersign.agent.Agent;
import dev.countersign.agent.AgentConfig;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.server.attestation.localissuer.LocalIssuer;
import dev.countersign.server.attestation.localissuer.TokenRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whole agents beside the light ones: they compile policies, and take a bundle into use after a
 * handshake in memory. What they have loaded is what their status pages say.
 */
final class RealAgents {
    private static final Pattern EPOCH = Pattern.compile("\"bundleEpoch\"\\s*:\\s*(\\d+)");
    private static final int WAIT_SECONDS = 120;
    private static final int LOOK_MILLIS = 50;

    private final Path work;
    private final int port;
    private final LocalIssuer issuer;
    private final List<Agent> agents = new ArrayList<>();

    /**
     * @param work with the bootstrap file
     * @param port of the server
     */
    RealAgents(Path work, int port, LocalIssuer issuer) {
        this.work = work;
        this.port = port;
        this.issuer = issuer;
    }

    void start(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            agents.add(start("real-" + i));
        }
        awaitNewerThan(0);
    }

    /** That all have loaded. */
    long epoch() throws IOException {
        long least = Long.MAX_VALUE;
        for (Agent agent : agents) {
            least = Math.min(least, epoch(agent));
        }
        return least;
    }

    /**
     * Until all have loaded a later bundle.
     *
     * @return {@link System#nanoTime} of when the last was seen to have it, up to 50 ms late
     */
    long awaitNewerThan(long epoch) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (epoch() <= epoch) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("a real agent has not loaded the bundle");
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
        return System.nanoTime();
    }

    private Agent start(String name) throws Exception {
        Path token = work.resolve(name + ".token");
        ServiceAccountName account = new ServiceAccountName("fleet", name);
        Files.writeString(token, issuer.mint(TokenRequest.of(account, name + "-0")).reveal());
        Path file = work.resolve(name + ".yaml");
        Files.writeString(
                file,
                """
                trustDomain: example.org
                ca: {address: "127.0.0.1:%d"}
                bootstrap: {file: bootstrap.json, tokenFile: "%s"}
                ops: {listen: "127.0.0.1:0"}
                listeners:
                  inbound:
                    - {name: app, listen: "127.0.0.1:0", target: "127.0.0.1:9", protocol: http}
                """
                        .formatted(port, token));
        InstantSource clock = InstantSource.system();
        return Agent.start(AgentConfig.load(file, Map.of()), clock, clock.instant(), () -> {});
    }

    private static long epoch(Agent agent) throws IOException {
        try (InputStream page =
                URI.create("http://127.0.0.1:%d/status".formatted(agent.opsPort()))
                        .toURL()
                        .openStream()) {
            Matcher found = EPOCH.matcher(new String(page.readAllBytes(), StandardCharsets.UTF_8));
            return found.find() ? Long.parseLong(found.group(1)) : 0;
        }
    }
}
