package dev.countersign.server.kubernetes.leader;

import dev.countersign.server.authority.Leadership;
import dev.countersign.server.kubernetes.ApiFailure;
import dev.countersign.server.kubernetes.KubernetesConnection;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lead is a Lease ({@code coordination.k8s.io/v1}) in the install namespace. It is taken and kept
 * by compare-and-set on the resource version, so two never hold it at once; who waits for one that is
 * not renewed measures that wait by its own monotonic clock, so clocks may differ. A holder counts
 * its time from before it asked, and stops leading well before others may begin.
 *
 * <p>A process that was paused in the middle of its work may wake up as a leader of the past: what it
 * does then is fenced by what it writes to. Rotations are compared with the epoch by the journal, and
 * objects of the API server with their resource versions; {@link #term} tells terms apart.
 */
public final class LeaseLeadership implements Leadership, AutoCloseable {
    static final Duration LENGTH = Duration.ofSeconds(15);

    /** What a holder leaves unused at the end: more than a call takes. */
    private static final Duration MARGIN = Duration.ofSeconds(5);

    private static final Duration RENEW_EVERY = Duration.ofSeconds(5);
    private static final Duration ASK_EVERY = Duration.ofSeconds(2);
    private static final Logger LOG = LoggerFactory.getLogger(LeaseLeadership.class);

    private final KubernetesConnection connection;
    private final String name;
    private final String holder;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private String seenVersion = "";
    private long seenAt;
    private long askedAt;
    private volatile boolean holding;
    private volatile long heldUntil;
    private volatile long term;

    /**
     * @param name of the Lease
     * @param holder names this process: unique among the replicas
     * @param clock for people who read the Lease
     * @param nanos monotonic
     */
    public LeaseLeadership(
            KubernetesConnection connection,
            String name,
            String holder,
            InstantSource clock,
            LongSupplier nanos) {
        this.connection = connection;
        this.name = name;
        this.holder = holder;
        this.clock = clock;
        this.nanos = nanos;
        this.askedAt = nanos.getAsLong() - ASK_EVERY.toNanos();
    }

    /** Answered from memory: {@link #maintain} does the asking. */
    @Override
    public boolean lead() {
        return holding && heldUntil - nanos.getAsLong() > 0;
    }

    /** Counts up with each change of the leader; what this process last led in. */
    public long term() {
        return term;
    }

    /** Takes or keeps the lead; call it about once a second, on a thread that may wait. */
    public synchronized void maintain() {
        long now = nanos.getAsLong();
        Duration pause = holding ? RENEW_EVERY : ASK_EVERY;
        if (now - askedAt < pause.toNanos()) {
            return;
        }
        askedAt = now;
        try {
            step(now);
        } catch (KubernetesClientException refused) {
            // A conflict says that another one was first; anything else ends with the time left.
            if (ApiFailure.of(refused) == ApiFailure.CONFLICT) {
                lost("another replica was first");
            } else {
                LOG.atWarn()
                        .addKeyValue("lease", name)
                        .addKeyValue("reason", ApiFailure.describe(refused))
                        .log("cannot ask for the lead");
            }
        }
    }

    /** Gives it up, so that another need not wait. */
    @Override
    public synchronized void close() {
        if (!lead()) {
            return;
        }
        lost("stopping");
        try {
            @Nullable Lease lease = read();
            if (lease != null && isMine(lease)) {
                write(lease, "", lease.getSpec().getLeaseTransitions());
            }
        } catch (KubernetesClientException away) {
            LOG.atInfo()
                    .addKeyValue("reason", ApiFailure.describe(away))
                    .log("others will wait for this server's lease to end");
        }
    }

    private void step(long now) {
        @Nullable Lease lease = read();
        if (lease == null) {
            won(now, connection.client().resource(fresh()).create());
        } else if (isMine(lease)) {
            won(now, write(lease, holder, transitions(lease)));
        } else if (isFree(lease, now)) {
            won(now, write(lease, holder, transitions(lease) + 1));
        } else {
            lost("held by another");
        }
    }

    private @Nullable Lease read() {
        return connection
                .client()
                .leases()
                .inNamespace(connection.namespace())
                .withName(name)
                .get();
    }

    private Lease write(Lease lease, String by, int transitions) {
        ZonedDateTime now = ZonedDateTime.ofInstant(clock.instant(), ZoneOffset.UTC);
        boolean change =
                !by.equals(Objects.requireNonNullElse(lease.getSpec().getHolderIdentity(), ""));
        Lease next =
                new LeaseBuilder(lease)
                        .editSpec()
                        .withHolderIdentity(by)
                        .withLeaseDurationSeconds((int) LENGTH.toSeconds())
                        .withRenewTime(now)
                        .withAcquireTime(change ? now : lease.getSpec().getAcquireTime())
                        .withLeaseTransitions(transitions)
                        .endSpec()
                        .build();
        return connection
                .client()
                .resource(next)
                .lockResourceVersion(lease.getMetadata().getResourceVersion())
                .update();
    }

    private Lease fresh() {
        ZonedDateTime now = ZonedDateTime.ofInstant(clock.instant(), ZoneOffset.UTC);
        return new LeaseBuilder()
                .withNewMetadata()
                .withNamespace(connection.namespace())
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(holder)
                .withLeaseDurationSeconds((int) LENGTH.toSeconds())
                .withAcquireTime(now)
                .withRenewTime(now)
                .withLeaseTransitions(1)
                .endSpec()
                .build();
    }

    /** Given up, or not renewed for its length since it was first seen so. */
    private boolean isFree(Lease lease, long now) {
        LeaseSpec spec = lease.getSpec();
        if (spec.getHolderIdentity() == null || spec.getHolderIdentity().isEmpty()) {
            return true;
        }
        String version = lease.getMetadata().getResourceVersion();
        if (!version.equals(seenVersion)) {
            seenVersion = version;
            seenAt = now;
            return false;
        }
        long length =
                Duration.ofSeconds(
                                Objects.requireNonNullElse(
                                        spec.getLeaseDurationSeconds(), (int) LENGTH.toSeconds()))
                        .toNanos();
        return now - seenAt > length;
    }

    private boolean isMine(Lease lease) {
        return holder.equals(lease.getSpec().getHolderIdentity());
    }

    private static int transitions(Lease lease) {
        return Objects.requireNonNullElse(lease.getSpec().getLeaseTransitions(), 0);
    }

    private void won(long asked, Lease lease) {
        term = transitions(lease);
        heldUntil = asked + LENGTH.minus(MARGIN).toNanos();
        if (!holding) {
            LOG.atInfo().addKeyValue("lease", name).addKeyValue("term", term).log("leading");
        }
        holding = true;
    }

    private void lost(String why) {
        if (holding) {
            LOG.atInfo().addKeyValue("lease", name).addKeyValue("why", why).log("not leading");
        }
        holding = false;
    }
}
