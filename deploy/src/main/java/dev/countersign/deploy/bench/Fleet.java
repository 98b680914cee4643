package dev.countersign.deploy.bench;

import dev.countersign.agent.ca.CaAddress;
import dev.countersign.agent.ca.EventLoops;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.WellKnownIds;
import dev.countersign.server.attestation.localissuer.IssuerKeyFile;
import dev.countersign.server.attestation.localissuer.LocalIssuer;
import dev.countersign.server.attestation.localissuer.TokenRequest;
import dev.countersign.trust.Bootstrap;
import dev.countersign.wire.BootstrapFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Many agents in this process, each with a certificate and a stream of its own. */
final class Fleet {
    private static final int WAIT_SECONDS = 60;

    /** Agents that get their first certificate: a server that has just started is slow at it. */
    private static final int AT_ONCE = 16;

    private Fleet() {}

    /**
     * Starts them and waits until all are subscribed.
     *
     * @param server host:port
     * @param work has the bootstrap file and the issuer's key
     */
    static List<SimulatedAgent> start(String server, Path work, int count, SecureRandom random)
            throws Exception {
        Bootstrap bootstrap = BootstrapFile.parse(Files.readString(work.resolve("bootstrap.json")));
        CaAddress ca = CaAddress.parse(server, WellKnownIds.caServer(bootstrap.trustDomain()));
        LocalIssuer issuer =
                new IssuerKeyFile(work.resolve("issuer.jwk")).open(InstantSource.system());
        EventLoops loops = EventLoops.create();
        List<SimulatedAgent> agents = new ArrayList<>();
        long started = System.nanoTime();
        for (int i = 0; i < count; i++) {
            Path token = work.resolve("agent-" + i + ".token");
            ServiceAccountName account = new ServiceAccountName("fleet", "account-" + i);
            Files.writeString(token, issuer.mint(TokenRequest.of(account, "pod-" + i)).reveal());
            SimulatedAgent agent =
                    new SimulatedAgent("agent-" + i, ca, bootstrap, token, loops, random);
            agents.add(agent);
            agent.start();
            if (i >= AT_ONCE) {
                await(agents.get(i - AT_ONCE));
            }
        }
        for (SimulatedAgent agent : agents) {
            await(agent);
        }
        System.out.printf(
                Locale.ROOT,
                "agents                %d subscribed in %.1f s, each with a certificate of its"
                        + " own%n",
                count,
                (System.nanoTime() - started) / 1e9);
        return agents;
    }

    private static void await(SimulatedAgent agent) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (!agent.hasPolicies()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("no policies came: " + agent.problem());
            }
            Thread.sleep(5);
        }
    }
}
