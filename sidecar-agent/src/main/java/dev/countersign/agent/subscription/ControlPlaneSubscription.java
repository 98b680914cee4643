package dev.countersign.agent.subscription;

import dev.countersign.agent.ca.CaChannels;
import dev.countersign.agent.ca.ClockOffset;
import dev.countersign.agent.edges.EdgeTable;
import dev.countersign.agent.svid.HeldSvid;
import dev.countersign.agent.svid.SvidSource;
import dev.countersign.runtime.Backoff;
import dev.countersign.wire.v1.SubscribeResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one Subscribe stream with the workload's certificate. What comes in goes to the {@link Feed}
 * and is acknowledged once it is in force; denials, edges and status go out.
 *
 * <p>A renewed certificate opens a second stream, and the first is closed when the second has
 * answered: no moment without one. A stream that breaks is opened again after a jittered, growing
 * wait. All of it runs on one thread.
 */
public final class ControlPlaneSubscription implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlPlaneSubscription.class);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final int STATUS_EVERY_TICKS = 5;
    private static final int ANSWER_WITHIN_TICKS = 10;

    /** A server that could not keep a report says nothing: it gets it again. */
    private static final int RECEIPT_WITHIN_TICKS = 30;

    /** Between two reports of edges: far below what the server takes. */
    private static final Duration EDGES_PACE = Duration.ofMillis(100);

    private static final long GOODBYE_SECONDS = 1;
    private static final Duration FIRST_WAIT = Duration.ofMillis(100);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    private final CaChannels channels;
    private final SvidSource svids;
    private final Feed feed;
    private final DenialOutbox outbox;
    private final EdgeTable edges;
    private final KeyWishes keyWishes;
    private final ReportMessages messages;
    private final Supplier<AgentReport> report;
    private final ClockOffset offset;
    private final Runnable certificateDenied;
    private final InstantSource clock;
    private final Backoff backoff;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("subscription").daemon().factory());

    private volatile SubscriptionStatus status =
            new SubscriptionStatus(
                    false, 0, 0, Optional.empty(), Optional.of("no certificate yet"), 0);

    // Touched by the subscription's thread alone.
    private @Nullable FeedStream current;
    private @Nullable FeedStream next;
    private @Nullable FeedStream edgesOn;
    private boolean reopening;
    private int failures;
    private int ticks;
    private int nextSinceTick;
    private int edgesSinceTick;
    private @Nullable FeedStream denialsOn;
    private int denialsSinceTick;
    private @Nullable Acknowledged acknowledged;
    private long opened;
    private Optional<String> problem = Optional.empty();

    /**
     * What the stream is made of, and what it reports.
     *
     * @param certificateDenied called when the server says so of this agent's own
     */
    public record Parts(
            CaChannels channels,
            SvidSource svids,
            Feed feed,
            DenialOutbox outbox,
            EdgeTable edges,
            KeyWishes keyWishes,
            Supplier<AgentReport> report,
            ClockOffset offset,
            Runnable certificateDenied,
            String agentVersion,
            String instanceId) {}

    public ControlPlaneSubscription(Parts parts, InstantSource clock, RandomGenerator random) {
        this.channels = parts.channels();
        this.svids = parts.svids();
        this.feed = parts.feed();
        this.outbox = parts.outbox();
        this.edges = parts.edges();
        this.keyWishes = parts.keyWishes();
        this.messages = new ReportMessages(parts.agentVersion(), parts.instanceId());
        this.report = parts.report();
        this.offset = parts.offset();
        this.certificateDenied = parts.certificateDenied();
        this.clock = clock;
        this.backoff = new Backoff(FIRST_WAIT, LONGEST_WAIT, random);
    }

    /** Opens a stream as soon as there is a certificate, and keeps one open until closed. */
    public void start() {
        svids.onChange(held -> onThread(() -> certificateChanged(held)));
        outbox.onFirst(() -> onThread(this::sendDenials));
        edges.onFirst(() -> onThread(this::sendEdges));
        keyWishes.onFirst(() -> onThread(this::sendKeyWishes));
        feed.onChange(() -> onThread(this::leaveRevokedServer));
        later(TICK, this::tick);
    }

    public SubscriptionStatus status() {
        return status;
    }

    @Override
    public void close() {
        CountDownLatch said = new CountDownLatch(1);
        onThread(() -> sayGoodbye(said::countDown));
        await(said);
        onThread(() -> closeQuietly(current));
        thread.shutdown();
        try {
            if (!thread.awaitTermination(2, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private void sayGoodbye(Runnable said) {
        sendDenials();
        closeQuietly(next);
        next = null;
        FeedStream stream = current;
        if (stream == null || !stream.ready()) {
            said.run();
            return;
        }
        edges.lastWords().forEach(report -> stream.send(messages.edges(report)));
        stream.finish(said);
    }

    private static void await(CountDownLatch said) {
        try {
            if (!said.await(GOODBYE_SECONDS, TimeUnit.SECONDS)) {
                LOG.atDebug().log("the server did not take leave");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void certificateChanged(HeldSvid held) {
        LOG.atDebug()
                .addKeyValue("generation", held.generation())
                .log("opening a stream with the new certificate");
        closeQuietly(next);
        next = null;
        open();
    }

    private void open() {
        Optional<HeldSvid> held = svids.current();
        if (held.isEmpty()) {
            problem = Optional.of("no certificate");
            publish();
            reopenLater();
            return;
        }
        opened++;
        FeedStream stream =
                new FeedStream(channels.open(Optional.of(held.get().asClient()), thread), events);
        next = stream;
        nextSinceTick = ticks;
        stream.open(messages.hello(feed.revision(), feed.bundleEpoch()));
    }

    private final FeedStream.Events events =
            new FeedStream.Events() {
                @Override
                public void received(FeedStream stream, SubscribeResponse message) {
                    if (stream == next) {
                        promote(stream);
                    }
                    take(stream, message);
                }

                @Override
                public void ended(FeedStream stream, String why, boolean denied) {
                    if (denied) {
                        certificateDenied.run();
                    }
                    lost(stream, why);
                }
            };

    private void promote(FeedStream stream) {
        closeQuietly(current);
        current = stream;
        acknowledged = null;
        next = null;
        failures = 0;
        backoff.reset();
        LOG.atInfo().addKeyValue("server", channels.address()).log("subscribed");
    }

    private void take(FeedStream stream, SubscribeResponse message) {
        if (message.hasEdgeReceipt()) {
            received(stream, message.getEdgeReceipt().getSequence());
            return;
        }
        if (message.hasServerTime()) {
            Instant now = clock.instant();
            offset.measured(now, Feed.instant(message.getServerTime()), now);
        }
        if (message.hasRenewal()) {
            svids.renewBy(
                    message.getRenewal().getRootKeyId(),
                    Feed.instant(message.getRenewal().getRenewBy()));
            return;
        }
        if (message.hasDenialReceipt()) {
            outbox.received(message.getDenialReceipt().getSequence());
            denialsOn = null;
            sendDenials();
            return;
        }
        Feed.Outcome outcome = feed.take(message);
        problem = outcome.refusal().isEmpty() ? Optional.empty() : Optional.of(outcome.refusal());
        acknowledge(stream, message.getRevision(), outcome.refusal());
        publish();
        if (outcome.resync()) {
            LOG.atInfo().addKeyValue("revision", feed.revision()).log("asking for a snapshot anew");
            stream.close();
            current = null;
            reopenLater();
        }
    }

    private void acknowledge(FeedStream stream, long revision, String refusal) {
        AgentReport now = report.get();
        acknowledged = new Acknowledged(revision, refusal, feed.bundleEpoch(), now);
        stream.send(
                messages.acknowledgement(
                        revision, refusal, feed.bundleEpoch(), feed.signedBundle(), now));
    }

    /** The bundle came another way, the leaf was renewed, or an old connection has ended. */
    private void acknowledgeAgain() {
        FeedStream stream = current;
        Acknowledged last = acknowledged;
        if (stream != null
                && last != null
                && stream.ready()
                && !last.stillHolds(feed.bundleEpoch(), report.get())) {
            acknowledge(stream, last.revision(), last.refusal());
        }
    }

    /** What the server was told on the current stream. */
    private record Acknowledged(
            long revision,
            String refusal,
            long bundleEpoch,
            AgentReport.IssuedUnder leaf,
            AgentReport.IssuedUnder oldestConnection) {
        Acknowledged(long revision, String refusal, long bundleEpoch, AgentReport report) {
            this(revision, refusal, bundleEpoch, report.leaf(), report.oldestConnection());
        }

        boolean stillHolds(long epoch, AgentReport report) {
            return bundleEpoch == epoch
                    && leaf.equals(report.leaf())
                    && oldestConnection.equals(report.oldestConnection());
        }
    }

    private void lost(FeedStream stream, String why) {
        if (stream != current && stream != next) {
            return;
        }
        if (stream == current) {
            current = null;
        } else {
            next = null;
        }
        problem = Optional.of(why);
        failures++;
        if (Integer.bitCount(failures) == 1) {
            LOG.atWarn()
                    .addKeyValue("server", channels.address())
                    .addKeyValue("reason", why)
                    .addKeyValue("failures", failures)
                    .addKeyValue("revision", feed.revision())
                    .log("no subscription, the last revision stays in force");
        }
        publish();
        if (next == null) {
            reopenLater();
        }
    }

    /** A server whose root was taken away, or that is denied, is not listened to any longer. */
    private void leaveRevokedServer() {
        FeedStream stream = current;
        if (stream == null) {
            return;
        }
        stream.revoked()
                .ifPresent(refused -> {
                    stream.close();
                    lost(stream, "the server is believed no more: " + refused.getMessage());
                });
    }

    private void sendKeyWishes() {
        FeedStream stream = current;
        if (stream != null && stream.ready()) {
            List<String> addresses = keyWishes.drain();
            if (!addresses.isEmpty()) {
                stream.send(ReportMessages.keyRefresh(addresses));
            }
        }
    }

    private void reopenLater() {
        if (reopening) {
            return;
        }
        reopening = true;
        later(
                backoff.next(),
                () -> {
                    reopening = false;
                    if (next == null && svids.believed()) {
                        open();
                    } else if (next == null && current == null) {
                        reopenWithoutHope();
                    }
                });
    }

    /**
     * A server lets nobody in with a certificate that is denied, so all that come after a distrust would come twice.
     * The next certificate opens a stream at once, and one that breaks meanwhile is opened again as ever; only what is
     * taken back, or was a mistake of ours, needs this.
     */
    private void reopenWithoutHope() {
        later(
                LONGEST_WAIT,
                () -> {
                    if (next == null && current == null) {
                        open();
                    }
                });
    }

    private void tick() {
        later(TICK, this::tick);
        ticks++;
        if (current != null) {
            feed.confirmed(clock.instant());
        }
        FeedStream silent = next;
        if (silent != null && ticks - nextSinceTick > ANSWER_WITHIN_TICKS) {
            silent.close();
            channels.passOver();
            lost(silent, "the server did not answer within 10 s");
        }
        if (ticks - denialsSinceTick > RECEIPT_WITHIN_TICKS) {
            denialsOn = null;
        }
        sendDenials();
        if (ticks - edgesSinceTick > RECEIPT_WITHIN_TICKS) {
            edgesOn = null;
        }
        sendEdges();
        sendKeyWishes();
        acknowledgeAgain();
        if (ticks % STATUS_EVERY_TICKS == 0 && current != null && current.ready()) {
            current.send(messages.status(report.get()));
        }
        publish();
    }

    /** One batch at a time; what a stream left without a receipt goes out again on the next. */
    private void sendDenials() {
        FeedStream stream = current;
        if (stream == null || !stream.ready() || stream == denialsOn) {
            return;
        }
        outbox.next()
                .ifPresent(batch -> {
                    denialsOn = stream;
                    denialsSinceTick = ticks;
                    stream.send(messages.denials(batch));
                });
    }

    /** One report at a time; what a stream left without a receipt goes out again on the next. */
    private void sendEdges() {
        FeedStream stream = current;
        if (stream == null || !stream.ready() || stream == edgesOn) {
            return;
        }
        edges.next()
                .ifPresent(report -> {
                    edgesOn = stream;
                    edgesSinceTick = ticks;
                    stream.send(messages.edges(report));
                });
    }

    private void received(FeedStream stream, long sequence) {
        edges.acknowledged(sequence);
        later(
                EDGES_PACE,
                () -> {
                    if (edgesOn == stream) {
                        edgesOn = null;
                        sendEdges();
                    }
                });
    }

    private void publish() {
        status =
                new SubscriptionStatus(
                        current != null,
                        feed.revision(),
                        feed.bundleEpoch(),
                        feed.lastConfirmed(),
                        problem,
                        opened);
    }

    private void onThread(Runnable task) {
        try {
            thread.execute(guarded(task));
        } catch (RejectedExecutionException e) {
            LOG.atDebug().log("the subscription is closed");
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what a guarded task throws is logged there
    private void later(Duration wait, Runnable task) {
        if (!thread.isShutdown()) {
            thread.schedule(guarded(task), wait.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** A fault in one task must not stop the ones after it. */
    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("fault in the subscription");
            }
        };
    }

    private static void closeQuietly(@Nullable FeedStream stream) {
        if (stream != null) {
            stream.close();
        }
    }
}
