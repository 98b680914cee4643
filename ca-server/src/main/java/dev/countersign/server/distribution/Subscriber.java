package dev.countersign.server.distribution;

import dev.countersign.feed.Acknowledgement;
import dev.countersign.feed.AgentStatus;
import dev.countersign.feed.Snapshot;
import dev.countersign.feed.SubscriberRecord;
import dev.countersign.policy.Workload;
import dev.countersign.trust.VerifiedPeer;
import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One agent's stream. Holds what was sent last, so that the next message is a delta; holds no queue:
 * while the transport is busy it only remembers that something changed.
 *
 * <p>{@link #flush} may be called from any thread; one at a time does the work, and a change that
 * arrives meanwhile makes it go round again.
 */
public final class Subscriber {
    static final int ACKNOWLEDGEMENTS_PER_SECOND = 50;

    /** Of edges; an agent waits for each to be on record and makes ten a second at most. */
    static final int REPORTS_PER_SECOND = 20;

    /** What is shown of a stream. */
    public record View(
            String instanceId,
            VerifiedPeer peer,
            SubscriberRecord record,
            InetAddress address,
            Instant connected,
            long sentRevision,
            Optional<Acknowledgement> acknowledgement,
            Optional<AgentStatus> status) {
        /** The destination that policies select. */
        public Workload workload() {
            return new Workload(
                    record.account().namespace(), record.account().name(), record.labels());
        }

        /** What its streams are counted by. */
        String podKey() {
            return record.podUid().isEmpty() ? peer.id().toString() : record.podUid();
        }

        /** Whether the agent has loaded what was sent to it last. */
        public boolean enforcesNewest() {
            return acknowledgement
                    .filter(a -> a.refusal().isEmpty() && a.revision() >= sentRevision)
                    .isPresent();
        }
    }

    private final String instanceId;
    private final VerifiedPeer peer;
    private final InetAddress address;
    private final Instant connected;
    private final Outbox outbox;
    private final SnapshotMaker snapshots;
    private final PerSecond acknowledgements = new PerSecond(ACKNOWLEDGEMENTS_PER_SECOND);
    private final PerSecond reports = new PerSecond(REPORTS_PER_SECOND);
    private final PerSecond wishes = new PerSecond(ACKNOWLEDGEMENTS_PER_SECOND);
    private final long heldRevision;
    private final AtomicBoolean changed = new AtomicBoolean(true);

    /** Set before {@link #changed} is taken back, for what is being sent has not been sent. */
    private volatile boolean sending;

    private volatile SubscriberRecord record;
    private @Nullable Snapshot sent;
    private @Nullable SubscriberRecord sentRecord;
    private long sentState;
    private volatile long sentRevision;
    private volatile @Nullable Acknowledgement acknowledgement;
    private volatile @Nullable AgentStatus status;
    private volatile boolean leaving;
    private volatile Instant askedToRenew = Instant.EPOCH;

    public Subscriber(Hello hello, Outbox outbox, SnapshotMaker snapshots, Instant connected) {
        this.instanceId = hello.instanceId();
        this.peer = hello.peer();
        this.record = hello.record();
        this.address = hello.address();
        this.heldRevision = hello.heldRevision();
        this.connected = connected;
        this.outbox = outbox;
        this.snapshots = snapshots;
    }

    /** How a stream begins. */
    public record Hello(
            String instanceId,
            VerifiedPeer peer,
            SubscriberRecord record,
            InetAddress address,
            long heldRevision) {}

    public String podKey() {
        return record.podUid().isEmpty() ? peer.id().toString() : record.podUid();
    }

    Instant expires() {
        return peer.notAfter();
    }

    VerifiedPeer peer() {
        return peer;
    }

    /** Whether nothing is left to be sent, or it does not take anything. */
    boolean hasNewest() {
        boolean nothingNew = !changed.get(); // before sending is looked at
        return (nothingNew && !sending) || !outbox.isReady();
    }

    void markChanged() {
        changed.set(true);
    }

    /**
     * Its pod has these labels from now on.
     *
     * @return whether that is news
     */
    boolean relabel(Map<String, String> labels) {
        if (record.labels().equals(labels)) {
            return false;
        }
        record = record.withLabels(labels);
        changed.set(true);
        return true;
    }

    /** Sends the newest state if something changed and the transport takes it. */
    public void flush() {
        while (outbox.isReady() && changed.get()) {
            synchronized (this) {
                sending = true;
                try {
                    if (!outbox.isReady() || !changed.compareAndSet(true, false)) {
                        return;
                    }
                    sendNewest();
                } finally {
                    sending = false;
                }
            }
        }
    }

    /**
     * Records what the agent has loaded: the stream's certificate says which pod that is. An agent that
     * floods us is cut off, and so is one that says what cannot be so, a replay for instance.
     */
    public void acknowledged(Acknowledgement news, Instant now) {
        if (!acknowledgements.allows(now)) {
            outbox.end(
                    Outbox.End.ACKNOWLEDGEMENT_RATE,
                    "acknowledgements: over " + ACKNOWLEDGEMENTS_PER_SECOND + " a second");
            return;
        }
        Optional<String> untrue = untrue(news);
        if (untrue.isPresent()) {
            outbox.end(Outbox.End.ACKNOWLEDGEMENT_UNTRUE, untrue.get());
            return;
        }
        acknowledgement = news;
    }

    /** What cannot be so: a later one of this stream was true, or it was never sent. */
    private Optional<String> untrue(Acknowledgement news) {
        Acknowledgement last = acknowledgement;
        if (news.revision() > sentRevision) {
            return Optional.of(
                    "acknowledgement: revision "
                            + news.revision()
                            + " (expected: <= "
                            + sentRevision
                            + ", the last that was sent)");
        }
        if (last != null
                && (news.revision() < last.revision() || news.bundleEpoch() < last.bundleEpoch())) {
            return Optional.of(
                    "acknowledgement: revision "
                            + news.revision()
                            + " of bundle epoch "
                            + news.bundleEpoch()
                            + " (expected: not before "
                            + last.revision()
                            + " of "
                            + last.bundleEpoch()
                            + ", acknowledged on this stream)");
        }
        return Optional.empty();
    }

    /** Whether one more report of edges is taken now; an agent that floods us is cut off. */
    public boolean mayReport(Instant now) {
        boolean allowed = reports.allows(now);
        if (!allowed) {
            outbox.end(
                    Outbox.End.EDGE_REPORT_RATE,
                    "reports of edges: over " + REPORTS_PER_SECOND + " a second");
        }
        return allowed;
    }

    /** Who this is as a reporter of edges: by certificate and the server's own records. */
    public EdgeRecords.Reporter reporter() {
        return new EdgeRecords.Reporter(peer.id(), instanceId, record.podName(), record.labels());
    }

    /** Wishes new keys of token issuers; an agent that floods us is cut off. */
    public void wishedKeys(List<String> addresses, Instant now) {
        if (!wishes.allows(now)) {
            outbox.end(
                    Outbox.End.ACKNOWLEDGEMENT_RATE,
                    "key refreshes: over " + ACKNOWLEDGEMENTS_PER_SECOND + " a second");
            return;
        }
        snapshots.wishKeys(record, addresses);
    }

    /** The process stops: it decides about nobody any more. */
    public void saysGoodbye() {
        leaving = true;
    }

    boolean isLeaving() {
        return leaving;
    }

    /**
     * Asks it to renew early, when the transport takes that.
     *
     * @return whether it was asked
     */
    boolean askToRenew(String rootKeyId, Instant by) {
        if (!outbox.isReady()) {
            return false;
        }
        outbox.renew(rootKeyId, by);
        askedToRenew = by;
        return true;
    }

    /** When it was to have renewed; the epoch when it was not asked. */
    Instant askedToRenew() {
        return askedToRenew;
    }

    public void reported(AgentStatus news) {
        status = news;
    }

    public View view() {
        return new View(
                instanceId,
                peer,
                record,
                address,
                connected,
                sentRevision,
                Optional.ofNullable(acknowledgement),
                Optional.ofNullable(status));
    }

    void end(Outbox.End end, String message) {
        outbox.end(end, message);
    }

    private void sendNewest() {
        if (snapshots.awaited()) {
            return;
        }
        Snapshot last = sent;
        PolicyFeed.State state = snapshots.state();
        SubscriberRecord now = record;
        if (last != null && state.revision() == sentState && now.equals(sentRecord)) {
            return;
        }
        long atLeast = last == null ? heldRevision : last.revision() + 1;
        Snapshot next = snapshots.make(state, peer.id(), now, atLeast);
        sentRevision = next.revision(); // first: its acknowledgement may be back before we are
        if (last == null) {
            outbox.send(next);
        } else {
            outbox.send(last.deltaTo(next));
        }
        sent = next;
        sentRecord = now;
        sentState = state.revision();
    }
}
