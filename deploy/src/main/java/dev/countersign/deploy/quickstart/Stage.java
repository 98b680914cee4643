package dev.countersign.deploy.quickstart;

import dev.countersign.deploy.quickstart.Processes.Child;
import dev.countersign.deploy.quickstart.Workloads.Member;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What stands on the stage: a folder, a server, three programs, three agents. Closing it leaves
 * nothing behind. Two stages may stand at once: each has a folder and ports of its own.
 */
public final class Stage implements AutoCloseable {
    static final String TRUST_DOMAIN = "example.org";
    static final String ISSUER = "https://issuer.quickstart.example.org";
    static final String LIFE = "20s";

    private static final long START_SECONDS = 60;

    private final Path repository;
    private final Path home;
    private final FileChannel claim;
    private final FileLock lock;
    private final Ports ports = new Ports(new SecureRandom());
    private final Processes processes;
    private final Exchange exchange = new Exchange();
    private final Workloads workloads;
    private final int caPort = ports.free();
    private final int caOps = ports.free();
    private @Nullable Child server;

    private final Setting setting;
    private final Map<String, Child> children = new ConcurrentHashMap<>();

    /**
     * What is different from one stage to another.
     *
     * @param name of its folder, with a number where there are several
     * @param life of certificates
     * @param agentOptions of the agents' JVMs, as the launcher takes them
     * @param agentConfig lines that every agent's configuration gets
     * @param program main class of the programs, which gets {@link PlainProgram}'s arguments and the
     *     port of gRPC
     * @param mixed whether web talks to orders over TCP and gRPC too
     */
    public record Setting(
            String name,
            String life,
            String agentOptions,
            String agentConfig,
            String program,
            boolean mixed) {}

    private Stage(Setting setting, Path repository, Path home, FileChannel claim, FileLock lock) {
        this.setting = setting;
        this.workloads = Workloads.on(ports, setting.mixed());
        this.repository = repository;
        this.home = home;
        this.claim = claim;
        this.lock = lock;
        this.processes = new Processes(home.resolve("logs"));
    }

    /** Takes the first free of {@code quickstart}, {@code quickstart-2}, … under deploy/target. */
    static Stage open(Path repository) throws IOException {
        return open(
                repository,
                new Setting("quickstart", LIFE, "", "", PlainProgram.class.getName(), false));
    }

    /** Takes the first free folder of the setting's name under deploy/target. */
    public static Stage open(Path repository, Setting setting) throws IOException {
        Path target = repository.resolve("deploy").resolve("target");
        Files.createDirectories(target);
        for (int i = 1; i < 100; i++) {
            String name = i == 1 ? setting.name() : setting.name() + "-" + i;
            FileChannel claim =
                    FileChannel.open(
                            target.resolve("." + name + ".lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            FileLock lock = claim.tryLock();
            if (lock != null) {
                Path home = target.resolve(name);
                delete(home);
                Files.createDirectories(
                        home.resolve("logs"),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
                return new Stage(setting, repository, home, claim, lock);
            }
            claim.close();
        }
        throw new IOException("a hundred of " + setting.name() + " run already");
    }

    public Path home() {
        return home;
    }

    /** As a person in the repository's folder would write it. */
    String shown(Path path) {
        return repository.relativize(path).toString();
    }

    public Workloads workloads() {
        return workloads;
    }

    public Exchange exchange() {
        return exchange;
    }

    int caOps() {
        return caOps;
    }

    /** A server on SQLite with a development issuer; the tokens of the three are minted. */
    public void startServer() throws IOException {
        writePrivate(home.resolve("passphrase"), randomWord());
        Files.createDirectories(home.resolve("policies"));
        writePolicy(false);
        for (Member member : members()) {
            mint(member);
        }
        Files.writeString(
                home.resolve("server.yaml"), Configs.server(home, caPort, caOps, setting.life()));
        runServer();
    }

    /** With the configuration and data that are there, on the same ports. */
    public void runServer() throws IOException {
        Child started =
                processes.start(
                        "server",
                        List.of(
                                launcher("countersign"),
                                "server",
                                "run",
                                "--config",
                                home.resolve("server.yaml").toString()));
        server = started;
        await(started, "the server to be ready", () -> ready(caOps));
    }

    /** As {@code kill -9} does it; returns when it is gone. */
    public void killServer() throws InterruptedException {
        Child running = server;
        if (running != null) {
            running.process().destroyForcibly().waitFor();
        }
    }

    /** Three programs that know nothing of TLS. */
    public void startPrograms() throws IOException {
        for (Member member : members()) {
            launchProgram(member);
        }
        for (Member member : members()) {
            awaitProgram(member);
        }
    }

    /** One of them again, after {@link #kill}. */
    public void startProgram(Member member) throws IOException {
        launchProgram(member);
        awaitProgram(member);
    }

    /** An agent beside each. */
    public void startAgents() throws IOException {
        for (Member member : members()) {
            Files.writeString(
                    agentFile(member),
                    Configs.agent(home, caPort, member, workloads) + setting.agentConfig());
            launchAgent(member);
        }
        for (Member member : members()) {
            awaitAgent(member);
        }
    }

    /** One of them again, after {@link #kill}, with what it kept. */
    public void startAgent(Member member) throws IOException {
        launchAgent(member);
        awaitAgent(member);
    }

    /** Ends a program or an agent as {@code kill -9} does it; returns when it is gone. */
    public void kill(String name) throws InterruptedException {
        child(name).process().destroyForcibly().waitFor();
    }

    /** A process by its name. */
    public long pid(String name) {
        return child(name).process().pid();
    }

    /** The name of a member's agent. */
    public static String agent(Member member) {
        return member.name() + "-agent";
    }

    private void launchProgram(Member member) throws IOException {
        start(
                member.name(),
                java(
                        setting.program(),
                        member.name(),
                        "" + member.app(),
                        "" + member.echo(),
                        member.outbound() == 0 ? "-" : "127.0.0.1:" + member.outbound(),
                        "" + member.rpc()),
                Map.of());
    }

    private void awaitProgram(Member member) throws IOException {
        await(
                child(member.name()),
                "program " + member.name(),
                () -> exchange.get(member.app(), "/hello").status() == 200);
    }

    private void launchAgent(Member member) throws IOException {
        start(
                agent(member),
                List.of(
                        launcher("countersign-agent"),
                        "run",
                        "--config",
                        agentFile(member).toString()),
                setting.agentOptions().isEmpty()
                        ? Map.of()
                        : Map.of("COUNTERSIGN_AGENT_JAVA_OPTS", setting.agentOptions()));
    }

    private void awaitAgent(Member member) throws IOException {
        await(child(agent(member)), "the agent of " + member.name(), () -> ready(member.ops()));
    }

    private Path agentFile(Member member) {
        return home.resolve(member.name() + "-agent.yaml");
    }

    private void start(String name, List<String> command, Map<String, String> environment)
            throws IOException {
        children.put(name, processes.start(name, command, environment));
    }

    private Child child(String name) {
        return Objects.requireNonNull(children.get(name), () -> name + " was never started");
    }

    /** Edits the policy file as a person would. */
    public void writePolicy(boolean guestToo) throws IOException {
        Files.writeString(
                home.resolve("policies").resolve("orders.yaml"),
                Configs.policy(guestToo)
                        + (setting.mixed() ? Configs.mixedRule(workloads.orders()) : ""));
    }

    /** Starts an admin command; both of its streams are one. */
    public Process adminProcess(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(launcher("countersign"));
        command.addAll(arguments);
        command.add("--admin");
        command.add(home.resolve("admin.sock").toString());
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** Runs an admin command and returns what it printed. */
    public String admin(String... arguments) throws IOException {
        Process process = adminProcess(List.of(arguments));
        try {
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            process.destroy();
        }
    }

    public List<Member> members() {
        return List.of(workloads.web(), workloads.orders(), workloads.guest());
    }

    @Override
    public void close() throws IOException {
        processes.close();
        delete(home);
        lock.release();
        claim.close();
    }

    private void mint(Member member) throws IOException {
        List<String> command =
                List.of(
                        launcher("countersign"),
                        "token",
                        "mint",
                        "--namespace",
                        "shop",
                        "--service-account",
                        member.name(),
                        "--pod",
                        member.name() + "-0",
                        "--issuer",
                        ISSUER,
                        "--issuer-key",
                        home.resolve("issuer").resolve("issuer.jwk").toString(),
                        "--out",
                        home.resolve(member.name() + ".token").toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException("token mint failed: " + said);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stopped);
        }
    }

    boolean isServerReady() {
        return ready(caOps);
    }

    private boolean ready(int ops) {
        return exchange.get(ops, "/healthz/ready").status() == 200;
    }

    private static void await(Child child, String what, BooleanSupplier done) throws IOException {
        long deadline = System.nanoTime() + START_SECONDS * 1_000_000_000L;
        while (!done.getAsBoolean()) {
            if (!child.process().isAlive() || System.nanoTime() > deadline) {
                throw new IOException(
                        "waited in vain for "
                                + what
                                + "; the end of "
                                + child.log()
                                + ":\n"
                                + child.lastWords());
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", stopped);
            }
        }
    }

    private String launcher(String name) {
        return repository.resolve("deploy").resolve("bin").resolve(name).toString();
    }

    private static List<String> java(String main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main));
        command.addAll(List.of(arguments));
        return command;
    }

    private static String randomWord() {
        byte[] bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static void writePrivate(Path file, String text) throws IOException {
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text);
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> entries = Files.walk(folder)) {
            for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(entry);
            }
        } catch (UncheckedIOException unreadable) {
            throw unreadable.getCause();
        }
    }
}
