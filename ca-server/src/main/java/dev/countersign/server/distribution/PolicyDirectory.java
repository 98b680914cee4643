package dev.countersign.server.distribution;

import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.policy.authentication.PeerAuthentications;
import dev.countersign.policy.authentication.RequestAuthentication;
import dev.countersign.policy.parse.ParsedPolicies;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Policies from a folder of YAML files ({@code *.yaml}, {@code *.yml}, {@code *.json}; hidden files
 * and sub-folders are left alone). A change is read within a fraction of a second. One bad file
 * refuses the whole new set: half a set of policies is a different set.
 */
public final class PolicyDirectory implements AutoCloseable {
    /** One file. */
    public static final int MAX_FILE_BYTES = 1024 * 1024;

    public static final int MAX_FILES = 10_000;

    private static final Logger log = LoggerFactory.getLogger(PolicyDirectory.class);

    /** An editor writes in several steps; read when it has been quiet for this long. */
    private static final long SETTLE_MILLIS = 20;

    /** File systems that lose events (network mounts, overlays) are looked at again. */
    private static final long RESCAN_MILLIS = 5_000;

    private final Path directory;
    private final PolicyFeed feed;
    private final Admission admission;
    private final WatchService watcher;
    private final Thread thread;

    /** Whether a whole set may follow the one in force. */
    public interface Admission {
        /** Why not; empty where it may. */
        Optional<String> refusal(MeshPolicies next);

        /** The set is in force; told again and again as long as it is. */
        void inForce(MeshPolicies now);
    }

    /** Reads once; {@link #start} goes on watching. */
    public PolicyDirectory(Path directory, PolicyFeed feed, Admission admission)
            throws IOException {
        this.directory = directory;
        this.feed = feed;
        feed.await();
        this.admission = admission;
        this.watcher = directory.getFileSystem().newWatchService();
        directory.register(
                watcher,
                StandardWatchEventKinds.ENTRY_CREATE,
                StandardWatchEventKinds.ENTRY_MODIFY,
                StandardWatchEventKinds.ENTRY_DELETE);
        this.thread = Thread.ofPlatform().daemon().name("policy-directory").unstarted(this::watch);
    }

    public void start() {
        load();
        thread.start();
    }

    /** Reads everything now; a refusal leaves what is in force. */
    public void load() {
        try {
            MeshPolicies policies = read();
            Optional<String> open = admission.refusal(policies);
            if (open.isPresent()) {
                refuse(open.get());
                return;
            }
            long before = feed.state().revision();
            feed.publish(policies);
            admission.inForce(policies);
            if (feed.state().revision() != before) {
                log.atInfo()
                        .addKeyValue("policies", policies.policies().size())
                        .addKeyValue("peerAuthentications", policies.peerAuthentications().size())
                        .addKeyValue(
                                "requestAuthentications", policies.requestAuthentications().size())
                        .addKeyValue("revision", feed.state().revision())
                        .log("policies in force");
                warnOfConflicts();
            }
        } catch (PolicyRefused refused) {
            refuse(String.valueOf(refused.getMessage()));
        } catch (IOException unreadable) {
            refuse(directory + ": " + unreadable);
        }
    }

    @Override
    public void close() throws IOException {
        watcher.close();
        thread.interrupt();
    }

    private void refuse(String reason) {
        if (!feed.state().refusal().equals(Optional.of(reason))) {
            log.atWarn().addKeyValue("reason", reason).log("policies refused, last good set stays");
            feed.refuse(reason);
        }
    }

    private MeshPolicies read() throws IOException, PolicyRefused {
        List<AuthorizationPolicy> policies = new ArrayList<>();
        List<PeerAuthentication> peers = new ArrayList<>();
        List<RequestAuthentication> requests = new ArrayList<>();
        List<AuthorizationPolicy> mayOpen = new ArrayList<>();
        Map<String, Path> origin = new HashMap<>();
        for (Path file : files()) {
            ParsedPolicies parsed = PolicyParser.parse(file.getFileName().toString(), bytes(file));
            mayOpen.addAll(parsed.mayOpen());
            for (AuthorizationPolicy one : parsed.policies()) {
                onlyOnce("AuthorizationPolicy", one.group(), one.id(), file, origin);
                policies.add(one);
            }
            for (PeerAuthentication one : parsed.peerAuthentications()) {
                onlyOnce("PeerAuthentication", one.group(), one.id(), file, origin);
                peers.add(one);
            }
            for (RequestAuthentication one : parsed.requestAuthentications()) {
                onlyOnce("RequestAuthentication", one.group(), one.id(), file, origin);
                requests.add(one);
            }
        }
        return new MeshPolicies(policies, peers, requests, mayOpen);
    }

    private static void onlyOnce(
            String kind, ApiGroup group, String id, Path file, Map<String, Path> origin)
            throws IOException {
        Path first = origin.putIfAbsent(kind + " " + group.group() + "/" + id, file);
        if (first != null) {
            throw new IOException(
                    id
                            + ": in "
                            + first.getFileName()
                            + " and "
                            + file.getFileName()
                            + " (expected: once)");
        }
    }

    /** They come from several files, and each file is good by itself. */
    private void warnOfConflicts() {
        for (PeerAuthentications.Conflict conflict : feed.state().peers().conflicts()) {
            log.atWarn()
                    .addKeyValue("level", conflict.level())
                    .addKeyValue(
                            "between",
                            conflict.between().stream().map(PeerAuthentication::id).toList())
                    .log("several PeerAuthentications in one place, the strictest counts");
        }
    }

    private List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries =
                Files.newDirectoryStream(directory, "[!.]*.{yaml,yml,json}")) {
            for (Path entry : entries) {
                if (Files.isRegularFile(entry)) {
                    files.add(entry);
                }
            }
        }
        if (files.size() > MAX_FILES) {
            throw new IOException(
                    "files: " + files.size() + " (expected: at most " + MAX_FILES + ")");
        }
        Collections.sort(files);
        return files;
    }

    private static byte[] bytes(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                throw new IOException(
                        file.getFileName() + ": over 1 MiB (expected: at most 1 MiB)");
            }
            return bytes;
        }
    }

    private void watch() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                WatchKey key = watcher.poll(RESCAN_MILLIS, TimeUnit.MILLISECONDS);
                while (key != null) {
                    key.pollEvents();
                    key.reset();
                    key = watcher.poll(SETTLE_MILLIS, TimeUnit.MILLISECONDS);
                }
                load();
            }
        } catch (InterruptedException | ClosedWatchServiceException ended) {
            log.atDebug().log("policy directory no longer watched");
        }
    }
}
