package dev.countersign.agent.svid;

import dev.countersign.agent.ca.CaClient;
import dev.countersign.agent.ca.ClientIdentity;
import dev.countersign.agent.svid.SvidRequest.Outcome;
import dev.countersign.identity.SpiffeId;
import dev.countersign.runtime.Backoff;
import dev.countersign.trust.DenyList;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustBundles;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets the first certificate and every later one. One thread calls {@link #step} and sleeps as long
 * as it says, never longer than {@link #LONGEST_SLEEP}, so that a clock that jumps is noticed.
 *
 * <p>The last good certificate stays in use until it expires, whatever happens to a renewal. A
 * bundle that no longer carries the held chain makes a renewal due within {@link #AFTER_DISTRUST}, by
 * token alone: a certificate under a distrusted root authenticates nothing.
 */
public final class SvidRotator implements SvidSource {
    static final Duration LONGEST_SLEEP = Duration.ofSeconds(2);

    /**
     * Who is distrusted is seldom alone: when a whole intermediate is, connections are closed before
     * everybody's new handshakes, and the CA is not asked by all in one moment.
     */
    static final Duration AFTER_DISTRUST = Duration.ofSeconds(2);

    /** Waits for the first certificate grow from here … */
    private static final Duration FIRST_WAIT = Duration.ofMillis(200);

    /** … to here. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    /** The server's wish is obeyed up to this while there is no certificate at all. */
    private static final Duration LONGEST_ASKED = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(SvidRotator.class);

    /** After so many failed renewals every other try presents the token alone. */
    private static final int STUCK_AFTER = 3;

    private final SvidRequest request;
    private final TrustBundles bundles;
    private final RenewalSchedule schedule;
    private final Backoff backoff;
    private final SvidStore store;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final HeldSvids held;
    private final Semaphore wake = new Semaphore(0);

    private final AtomicReference<@Nullable Wish> wish = new AtomicReference<>();
    private final SecureRandom random;

    private volatile SvidStatus status = new SvidStatus(Optional.empty(), Optional.empty(), 0, 0);

    // Touched by the rotator's thread alone.
    private @Nullable Identity identity;
    private @Nullable Deadline next;
    private Instant takenAt = Instant.EPOCH;
    private Instant renewAt = Instant.EPOCH;
    private Optional<SpiffeId> id = Optional.empty();
    private long checkedEpoch = Long.MIN_VALUE;
    private volatile boolean unchecked;
    private volatile boolean denied;
    private volatile boolean distrusted;
    private int failures;
    private long rotations;

    /**
     * @param clock wall clock: validity and the server's refresh window
     * @param nanos monotonic clock, nanoseconds
     */
    public SvidRotator(
            CaClient ca,
            SvidVerifier verifier,
            DenyList denyList,
            TrustBundles bundles,
            SvidStore store,
            SecureRandom random,
            InstantSource clock,
            LongSupplier nanos) {
        this.request = new SvidRequest(ca, verifier, denyList, random);
        this.bundles = bundles;
        this.schedule = new RenewalSchedule(random);
        this.backoff = new Backoff(FIRST_WAIT, LONGEST_WAIT, random);
        this.store = store;
        this.clock = clock;
        this.nanos = nanos;
        this.held = new HeldSvids(clock);
        this.random = random;
    }

    @Override
    public Optional<HeldSvid> current() {
        return held.current();
    }

    @Override
    public boolean believed() {
        return held.current().isPresent() && !denied && !distrusted;
    }

    @Override
    public void onChange(Consumer<HeldSvid> listener) {
        held.onChange(listener);
    }

    @Override
    public void renewBy(String rootKeyId, Instant by) {
        wish.set(new Wish(rootKeyId, by));
        wake.release();
    }

    public SvidStatus status() {
        return status;
    }

    /** Takes a kept identity into use when it is still good; says so when it is not. */
    public void restore() {
        Optional<byte[]> kept = store.load();
        if (kept.isEmpty()) {
            return;
        }
        try {
            take(request.restore(kept.get()));
            LOG.atInfo().addKeyValue("identity", identity).log("resumed with the kept certificate");
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("kept certificate not used");
        }
    }

    /** Bundle or deny list changed: looks at once whether the own certificate is still believed. */
    public void recheck() {
        unchecked = true;
        wake.release();
    }

    /** The server says that the own certificate is denied: another is asked for, by token alone. */
    public void certificateDenied() {
        denied = true;
        recheck();
    }

    /** Runs until interrupted. */
    public void run() {
        while (!Thread.currentThread().isInterrupted()) {
            Duration sleep = step();
            try {
                if (wake.tryAcquire(sleep.toNanos(), TimeUnit.NANOSECONDS)) {
                    wake.drainPermits();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Does what is due now, which may block for a call to the CA.
     *
     * @return how long there is nothing to do; more than zero, at most {@link #LONGEST_SLEEP}
     */
    Duration step() {
        dropWhenExpired();
        noticeDistrust();
        noticeWish();
        if (next == null || next.passed(clock.instant(), nanos.getAsLong())) {
            ask();
        }
        Duration left =
                next == null ? Duration.ZERO : next.left(clock.instant(), nanos.getAsLong());
        Duration floored =
                left.compareTo(RenewalSchedule.SHORTEST) < 0 ? RenewalSchedule.SHORTEST : left;
        return floored.compareTo(LONGEST_SLEEP) > 0 ? LONGEST_SLEEP : floored;
    }

    private void dropWhenExpired() {
        if (identity != null && !clock.instant().isBefore(identity.notAfter())) {
            LOG.atError()
                    .addKeyValue("identity", identity)
                    .addKeyValue("waitingFor", status.waitingFor().orElse("nothing"))
                    .log("certificate expired without a renewal");
            identity = null;
            next = null;
            failures = 0;
            publishStatus(status.waitingFor());
        }
    }

    private void noticeDistrust() {
        long epoch = bundles.epoch();
        if (identity == null || (epoch == checkedEpoch && !unchecked)) {
            return;
        }
        checkedEpoch = epoch;
        unchecked = false;
        boolean trusted = !denied && request.trusts(identity.svid());
        if (!trusted && !distrusted) {
            LOG.atWarn()
                    .addKeyValue("identity", identity)
                    .addKeyValue("epoch", epoch)
                    .log("own certificate is denied or not under the bundle, renewing by token");
            sooner(Duration.ofNanos((long) (AFTER_DISTRUST.toNanos() * random.nextDouble())));
        }
        distrusted = !trusted;
    }

    private void sooner(Duration wait) {
        Instant now = clock.instant();
        long ticks = nanos.getAsLong();
        if (next == null || next.left(now, ticks).compareTo(wait) > 0) {
            next = Deadline.in(wait, now, ticks);
        }
    }

    /** A wish for a certificate under another root is obeyed, once, and never delays anything. */
    private void noticeWish() {
        Wish wished = wish.getAndSet(null);
        if (wished == null || identity == null || next == null) {
            return;
        }
        Instant now = clock.instant();
        Duration left = Duration.between(now, wished.by());
        Duration most = left.isNegative() ? Duration.ZERO : left;
        Duration wait = Duration.ofNanos((long) (most.toNanos() * random.nextDouble()));
        boolean sooner = next.left(now, nanos.getAsLong()).compareTo(wait) > 0;
        if (sooner && request.leadsTo(identity.svid(), wished.rootKeyId())) {
            LOG.atInfo()
                    .addKeyValue("root", wished.rootKeyId())
                    .addKeyValue("in", wait)
                    .log("renewing early: the root above the certificate is being replaced");
            next = Deadline.in(wait, now, nanos.getAsLong());
        }
    }

    private void ask() {
        switch (request.send(credentials(), id)) {
            case Outcome.Received received -> {
                take(received.identity());
                keep(received.identity());
            }
            case Outcome.Failed failed -> {
                if (failed.certificateRevoked() && !distrusted) {
                    LOG.atWarn()
                            .addKeyValue("reason", failed.why())
                            .log("own certificate is not renewed, asking by token alone");
                    certificateDenied();
                }
                postpone(failed);
            }
        }
    }

    private Optional<ClientIdentity> credentials() {
        boolean tokenAlone = distrusted || (failures >= STUCK_AFTER && failures % 2 == 1);
        return identity == null || tokenAlone ? Optional.empty() : Optional.of(identity.asClient());
    }

    private void take(Identity fresh) {
        Instant now = clock.instant();
        identity = fresh;
        id = Optional.of(fresh.svid().id());
        takenAt = now;
        renewAt = schedule.renewAt(fresh.refresh(), now, fresh.notAfter());
        next = Deadline.at(renewAt, now, nanos.getAsLong());
        checkedEpoch = bundles.epoch();
        distrusted = false;
        denied = false;
        failures = 0;
        backoff.reset();
        rotations++;
        // Status last: whoever reads it may rely on what listeners have made of the identity.
        HeldSvid published = held.publish(fresh);
        publishStatus(Optional.empty());
        LOG.atInfo()
                .addKeyValue("identity", published.svid().id())
                .addKeyValue("serial", fresh.svid().leaf().getSerialNumber().toString(16))
                .addKeyValue("notAfter", fresh.notAfter())
                .addKeyValue("renewAt", renewAt)
                .addKeyValue("generation", published.generation())
                .log("certificate in use");
    }

    private void keep(Identity fresh) {
        try {
            store.save(IdentityCodec.encode(fresh));
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("reason", e.toString())
                    .log("certificate not kept: a restart without the CA would have no identity");
        }
    }

    private void postpone(Outcome.Failed failed) {
        Instant now = clock.instant();
        // One that nobody believes is as good as none, however long it would have lived.
        Duration wait =
                identity == null || distrusted
                        ? firstWait(failed.retryAfter())
                        : schedule.retryAfter(
                                positive(Duration.between(now, identity.notAfter())),
                                Duration.between(takenAt, identity.notAfter()),
                                failed.retryAfter());
        failures++;
        next = Deadline.in(wait, now, nanos.getAsLong());
        boolean changed = !status.waitingFor().equals(Optional.of(failed.why()));
        publishStatus(Optional.of(failed.why()));
        if (changed || Integer.bitCount(failures) == 1) {
            LOG.atWarn()
                    .addKeyValue("waitingFor", failed.why())
                    .addKeyValue("failures", failures)
                    .addKeyValue("nextTryIn", wait)
                    .addKeyValue("held", identity == null ? "none" : identity.toString())
                    .log(identity == null ? "no certificate yet" : "renewal failed");
        }
    }

    private Duration firstWait(Optional<Duration> asked) {
        Duration own = backoff.next();
        Duration wanted = asked.filter(a -> a.compareTo(own) > 0).orElse(own);
        return wanted.compareTo(LONGEST_ASKED) > 0 ? LONGEST_ASKED : wanted;
    }

    private void publishStatus(Optional<String> waitingFor) {
        status = new SvidStatus(heldStatus(), waitingFor, failures, rotations);
    }

    private Optional<SvidStatus.Held> heldStatus() {
        return Optional.ofNullable(identity)
                .map(it ->
                        new SvidStatus.Held(
                                it.svid().id(),
                                it.svid().leaf().getSerialNumber().toString(16),
                                takenAt,
                                it.notAfter(),
                                renewAt,
                                it.refresh().notAfter()));
    }

    /** What the server asked for. */
    private record Wish(String rootKeyId, Instant by) {}

    private static Duration positive(Duration duration) {
        return duration.isPositive() ? duration : Duration.ofMillis(1);
    }
}
