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
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What stands on the stage: a folder, a server, three programs, three agents. Closing it leaves
 * nothing behind. Two stages may stand at once: each has a folder and ports of its own.
 */
final class Stage implements AutoCloseable {
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
    private final Workloads workloads = Workloads.on(ports);
    private final int caPort = ports.free();
    private final int caOps = ports.free();
    private @Nullable Child server;

    private Stage(Path repository, Path home, FileChannel claim, FileLock lock) {
        this.repository = repository;
        this.home = home;
        this.claim = claim;
        this.lock = lock;
        this.processes = new Processes(home.resolve("logs"));
    }

    /** Takes the first free of {@code quickstart}, {@code quickstart-2}, … under deploy/target. */
    static Stage open(Path repository) throws IOException {
        Path target = repository.resolve("deploy").resolve("target");
        Files.createDirectories(target);
        for (int i = 1; i < 100; i++) {
            String name = i == 1 ? "quickstart" : "quickstart-" + i;
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
                return new Stage(repository, home, claim, lock);
            }
            claim.close();
        }
        throw new IOException("a hundred quickstarts run already");
    }

    Path home() {
        return home;
    }

    /** As a person in the repository's folder would write it. */
    String shown(Path path) {
        return repository.relativize(path).toString();
    }

    Workloads workloads() {
        return workloads;
    }

    Exchange exchange() {
        return exchange;
    }

    int caOps() {
        return caOps;
    }

    /** A server on SQLite with a development issuer; the tokens of the three are minted. */
    void startServer() throws IOException {
        writePrivate(home.resolve("passphrase"), randomWord());
        Files.createDirectories(home.resolve("policies"));
        writePolicy(false);
        for (Member member : members()) {
            mint(member);
        }
        Files.writeString(home.resolve("server.yaml"), Configs.server(home, caPort, caOps, LIFE));
        runServer();
    }

    /** With the configuration and data that are there, on the same ports. */
    void runServer() throws IOException {
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
    void killServer() throws InterruptedException {
        Child running = server;
        if (running != null) {
            running.process().destroyForcibly().waitFor();
        }
    }

    /** Three programs that know nothing of TLS. */
    void startPrograms() throws IOException {
        List<Child> started = new ArrayList<>();
        for (Member member : members()) {
            started.add(
                    processes.start(
                            member.name(),
                            java(
                                    PlainProgram.class.getName(),
                                    member.name(),
                                    "" + member.app(),
                                    "" + member.echo(),
                                    member.outbound() == 0
                                            ? "-"
                                            : "127.0.0.1:" + member.outbound())));
        }
        for (int i = 0; i < started.size(); i++) {
            Member member = members().get(i);
            await(
                    started.get(i),
                    "program " + member.name(),
                    () -> exchange.get(member.app(), "/hello").status() == 200);
        }
    }

    /** An agent beside each. */
    void startAgents() throws IOException {
        List<Child> started = new ArrayList<>();
        for (Member member : members()) {
            Path config = home.resolve(member.name() + "-agent.yaml");
            Files.writeString(config, Configs.agent(home, caPort, member, workloads));
            started.add(
                    processes.start(
                            member.name() + "-agent",
                            List.of(
                                    launcher("countersign-agent"),
                                    "run",
                                    "--config",
                                    config.toString())));
        }
        for (int i = 0; i < started.size(); i++) {
            Member member = members().get(i);
            await(started.get(i), "the agent of " + member.name(), () -> ready(member.ops()));
        }
    }

    /** Edits the policy file as a person would. */
    void writePolicy(boolean guestToo) throws IOException {
        Files.writeString(
                home.resolve("policies").resolve("orders.yaml"), Configs.policy(guestToo));
    }

    /** Starts an admin command; both of its streams are one. */
    Process adminProcess(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(launcher("countersign"));
        command.addAll(arguments);
        command.add("--admin");
        command.add(home.resolve("admin.sock").toString());
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** Runs an admin command and returns what it printed. */
    String admin(String... arguments) throws IOException {
        Process process = adminProcess(List.of(arguments));
        try {
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            process.destroy();
        }
    }

    List<Member> members() {
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
