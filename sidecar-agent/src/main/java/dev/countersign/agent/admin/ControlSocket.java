package dev.countersign.agent.admin;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The unix socket on which a running agent is told what to do. Mode 0600, and the kernel is asked who
 * connects: the agent's own user and root, whatever the mode says. Users who are listed may have it
 * quit and nothing else; with any listed, everybody may connect and the kernel's answer alone decides.
 */
public final class ControlSocket implements AutoCloseable {
    private static final int MAX_CALLERS = 16;
    private static final int MAX_HEAD = 8192;
    private static final Duration HEAD_TIME = Duration.ofSeconds(5);
    private static final String END_OF_HEAD = "\r\n\r\n";
    private static final Logger LOG = LoggerFactory.getLogger(ControlSocket.class);

    private final Path path;
    private final ServerSocketChannel listener;
    private final ControlService service;
    private final Set<UserPrincipal> owners;
    private final Set<UserPrincipal> mayQuit;
    private final Semaphore callers = new Semaphore(MAX_CALLERS);
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    /**
     * Where it is, and who else may use it.
     *
     * @param path its directory must exist
     * @param mayQuit names or numbers of users who may have the agent quit
     */
    public record Settings(Path path, List<String> mayQuit) {
        public Settings {
            mayQuit = List.copyOf(mayQuit);
        }
    }

    private ControlSocket(Settings settings, ServerSocketChannel listener, ControlCommands commands)
            throws IOException {
        this.path = settings.path();
        this.listener = listener;
        this.service = new ControlService(commands);
        this.owners = Set.copyOf(List.of(Files.getOwner(path), user("0")));
        Set<UserPrincipal> others = new HashSet<>();
        for (String name : settings.mayQuit()) {
            others.add(user(name));
        }
        this.mayQuit = others;
    }

    /**
     * Binds, in place of whatever a process before left there, and answers.
     *
     * @throws IOException when it cannot be bound, or a user is not known
     */
    public static ControlSocket open(Settings settings, ControlCommands commands)
            throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            // Bound where nobody else can come, given its mode, and only then moved to its place.
            Path parent = settings.path().toAbsolutePath().getParent();
            Path apart =
                    Files.createTempDirectory(
                            parent,
                            ".c",
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rwx------")));
            try {
                Path bound = apart.resolve("s");
                listener.bind(UnixDomainSocketAddress.of(bound));
                Files.setPosixFilePermissions(
                        bound,
                        PosixFilePermissions.fromString(
                                settings.mayQuit().isEmpty() ? "rw-------" : "rw-rw-rw-"));
                Files.move(bound, settings.path(), StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(apart.resolve("s"));
                Files.deleteIfExists(apart);
            }
            ControlSocket socket = new ControlSocket(settings, listener, commands);
            Thread.ofPlatform().name("control").daemon().start(socket::accept);
            return socket;
        } catch (IOException e) {
            listener.close();
            throw new IOException(
                    "control socket: " + settings.path() + " cannot be opened: " + e, e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (SocketChannel each : open) {
            each.close();
        }
        Files.deleteIfExists(path);
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel channel = listener.accept();
                if (callers.tryAcquire()) {
                    open.add(channel);
                    Thread.ofVirtual().name("control").start(() -> serve(channel));
                } else {
                    channel.close();
                }
            } catch (AsynchronousCloseException closed) {
                return;
            } catch (IOException e) {
                if (listener.isOpen() && !pause()) {
                    return;
                }
            }
        }
    }

    /** Out of descriptors, most likely: the next try must not come at once. */
    private static boolean pause() {
        try {
            Thread.sleep(Duration.ofMillis(100));
            return true;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void serve(SocketChannel channel) {
        try (channel) {
            UserPrincipal user = channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
            boolean owner = owners.contains(user);
            if (!owner && !mayQuit.contains(user)) {
                LOG.atWarn().addKeyValue("user", user.getName()).log("control socket: refused");
                return;
            }
            answer(channel, user.getName(), owner);
        } catch (IOException | UnsupportedOperationException gone) {
            LOG.atDebug().addKeyValue("cause", gone.toString()).log("control connection ended");
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(channel);
            callers.release();
        }
    }

    private void answer(SocketChannel channel, String user, boolean owner)
            throws IOException, InterruptedException {
        ControlReply reply = new ControlReply(channel);
        Thread deadline = Thread.ofVirtual().start(() -> closeLater(channel));
        String head = head(channel);
        deadline.interrupt();
        try {
            service.answer(
                    ControlRequest.parse(head.lines().findFirst().orElse("")), user, owner, reply);
        } catch (IllegalArgumentException wrong) {
            service.refuse(reply, 400, "Bad Request", wrong.getMessage());
        }
    }

    private static void closeLater(SocketChannel channel) {
        try {
            Thread.sleep(HEAD_TIME);
            channel.close();
        } catch (InterruptedException inTime) {
            // The head has come.
        } catch (IOException gone) {
            LOG.atDebug().addKeyValue("cause", gone.toString()).log("control connection ended");
        }
    }

    private static String head(SocketChannel channel) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(1024);
        while (!head.toString(StandardCharsets.ISO_8859_1).contains(END_OF_HEAD)) {
            if (channel.read(buffer.clear()) < 0 || head.size() > MAX_HEAD) {
                throw new IOException(
                        "head: incomplete (expected: at most " + MAX_HEAD + " bytes)");
            }
            head.write(buffer.array(), 0, buffer.position());
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private UserPrincipal user(String name) throws IOException {
        return path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(name);
    }
}
