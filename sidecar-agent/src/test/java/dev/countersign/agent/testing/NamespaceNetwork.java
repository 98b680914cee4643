package dev.countersign.agent.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Hosts in network namespaces of their own, on one bridge that is in yet another: nothing of the machine's
 * own network is touched. Each host's default route leads to the bridge.
 */
public final class NamespaceNetwork implements AutoCloseable {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final String prefix =
            "cst" + ProcessHandle.current().pid() + "-" + NUMBERS.incrementAndGet() + "-";
    private final String hub = prefix + "hub";
    private final Map<String, Namespace> hosts = new LinkedHashMap<>();

    private NamespaceNetwork() {}

    /** Why there can be none here; empty when there can. */
    public static Optional<String> unavailable() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return Optional.of("network namespaces: user is not root (expected: root)");
        }
        for (String tool : List.of("ip", "iptables", "ip6tables")) {
            if (!isInstalled(tool)) {
                return Optional.of("network namespaces: no " + tool + " (expected: installed)");
            }
        }
        String probe = "cst" + ProcessHandle.current().pid() + "-probe";
        try {
            command("ip", "netns", "add", probe);
            command("ip", "netns", "exec", probe, "iptables", "-t", "nat", "-S");
            command("ip", "netns", "exec", probe, "ip6tables", "-t", "nat", "-S");
            return Optional.empty();
        } catch (IOException refused) {
            return Optional.of("network namespaces: " + refused.getMessage());
        } finally {
            remove(probe);
        }
    }

    public static NamespaceNetwork of(String... names) throws IOException {
        NamespaceNetwork network = new NamespaceNetwork();
        try {
            network.create(names);
            return network;
        } catch (IOException e) {
            network.close();
            throw e;
        }
    }

    public Namespace host(String name) {
        return Objects.requireNonNull(hosts.get(name), name);
    }

    @Override
    public void close() {
        hosts.values().forEach(host -> remove(host.name()));
        remove(hub);
    }

    private void create(String... names) throws IOException {
        command("ip", "netns", "add", hub);
        command("ip", "-n", hub, "link", "add", "br0", "type", "bridge");
        command("ip", "-n", hub, "addr", "add", "10.77.0.254/24", "dev", "br0");
        command("ip", "-n", hub, "addr", "add", "fd77::fe/64", "dev", "br0", "nodad");
        command("ip", "-n", hub, "link", "set", "br0", "up");
        for (int i = 0; i < names.length; i++) {
            hosts.put(names[i], host(names[i], i + 1));
        }
    }

    private Namespace host(String name, int number) throws IOException {
        String ns = prefix + name;
        String v4 = "10.77.0." + number;
        String v6 = "fd77::" + number;
        String port = "port" + number;
        command("ip", "netns", "add", ns);
        command(
                "ip", "-n", ns, "link", "add", "eth0", "type", "veth", "peer", "name", port,
                "netns", hub);
        command("ip", "-n", hub, "link", "set", port, "master", "br0", "up");
        command("ip", "-n", ns, "link", "set", "lo", "up");
        command("ip", "-n", ns, "link", "set", "eth0", "up");
        command("ip", "-n", ns, "addr", "add", v4 + "/24", "dev", "eth0");
        command("ip", "-n", ns, "addr", "add", v6 + "/64", "dev", "eth0", "nodad");
        command("ip", "-n", ns, "route", "add", "default", "via", "10.77.0.254");
        command("ip", "-n", ns, "-6", "route", "add", "default", "via", "fd77::fe");
        return new Namespace(ns, v4, v6);
    }

    private static void remove(String namespace) {
        if (Files.exists(Path.of("/run/netns", namespace))) {
            try {
                command("ip", "netns", "del", namespace);
            } catch (IOException e) {
                throw new IllegalStateException("namespace: " + namespace + " is left behind", e);
            }
        }
    }

    private static boolean isInstalled(String tool) {
        return List.of("/usr/sbin", "/sbin", "/usr/bin", "/bin").stream()
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
    }

    private static void command(String... words) throws IOException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        try {
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(String.join(" ", words) + ": " + said.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }
}
