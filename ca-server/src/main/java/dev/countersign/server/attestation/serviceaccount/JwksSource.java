package dev.countersign.server.attestation.serviceaccount;

import dev.countersign.server.attestation.AttestationRefused;
import dev.countersign.server.attestation.AttestationRefused.Reason;
import dev.countersign.server.attestation.KnownMissing;
import dev.countersign.server.attestation.serviceaccount.JwksLoader.Document;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an issuer's keys. A known key costs a map look-up; the document is looked at again in the
 * background once it is old enough, and on the caller's path only for an unknown key or when there
 * are no usable keys at all, never twice within the floor. When looking fails, the last good set
 * stays in use until it is too old.
 */
public final class JwksSource implements IssuerKeys {
    /** Key ids that the issuer does not have; more would be a stranger's guesses. */
    static final int MAX_UNKNOWN = 1024;

    private static final Logger log = LoggerFactory.getLogger(JwksSource.class);

    private final JwksLoader loader;
    private final JwksSettings settings;
    private final InstantSource clock;
    private final Executor background;
    private final KnownMissing unknown;
    private final ReentrantLock refreshing = new ReentrantLock();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private volatile State state = State.EMPTY;

    /** @param background runs refreshes that nobody waits for */
    public JwksSource(
            JwksLoader loader, JwksSettings settings, InstantSource clock, Executor background) {
        this.loader = loader;
        this.settings = settings;
        this.clock = clock;
        this.background = background;
        this.unknown = new KnownMissing(settings.unknownFor(), MAX_UNKNOWN);
    }

    /**
     * Looks at the document now, unless the floor forbids it. For start-up, so that the first caller
     * does not wait, and so that a wrong setting is seen at once in {@link #status}.
     */
    public Status load() {
        refresh();
        return status();
    }

    /** For health and metrics. */
    public Status status() {
        State seen = state;
        boolean usable = usable(seen, clock.instant());
        return new Status(
                loader.origin(),
                usable,
                seen.keys == null ? 0 : seen.keys.keys().size(),
                Optional.ofNullable(seen.confirmed),
                Optional.ofNullable(seen.failure));
    }

    @Override
    public IssuerKey find(String kid) throws AttestationRefused {
        State before = state;
        Instant now = clock.instant();
        State seen = before;
        if (usable(seen, now) && (seen.key(kid) != null || unknown.contains(kid, now))) {
            refreshLaterIfDue(seen, now);
        } else {
            seen = refresh();
        }
        @Nullable IssuerKey key = usable(seen, now) ? seen.key(kid) : null;
        if (key == null) {
            throw notFound(kid, seen, seen.looks > before.looks, now);
        }
        return key;
    }

    private AttestationRefused notFound(String kid, State seen, boolean lookedForIt, Instant now) {
        String shown = "kid: \"" + Shown.of(kid) + "\"";
        if (!usable(seen, now) || seen.failure != null) {
            return new AttestationRefused(
                    Reason.ISSUER_KEYS_UNAVAILABLE,
                    shown + " cannot be looked up (expected: the issuer's keys, try again)");
        }
        if (lookedForIt) {
            unknown.add(kid, now);
        }
        return new AttestationRefused(
                Reason.TOKEN_UNKNOWN_KEY, shown + " (expected: a key of the issuer's JWKS)");
    }

    private void refreshLaterIfDue(State seen, Instant now) {
        if (!elapsed(seen.looked, settings.refreshEvery(), now)
                || !scheduled.compareAndSet(false, true)) {
            return;
        }
        try {
            background.execute(() -> {
                try {
                    refresh();
                } finally {
                    scheduled.set(false);
                }
            });
        } catch (RejectedExecutionException shuttingDown) {
            scheduled.set(false);
        }
    }

    /** One look at a time; those who wait take the result of the one before them. */
    private State refresh() {
        refreshing.lock();
        try {
            State before = state;
            Instant now = clock.instant(); // not when the wait for the lock began
            if (elapsed(before.looked, settings.floor(), now)) {
                state = look(before, now);
            }
            return state;
        } finally {
            refreshing.unlock();
        }
    }

    private State look(State before, Instant now) {
        try {
            Optional<Document> document = loader.load(before.version);
            if (document.isEmpty()) {
                return before.looked(before.keys, before.version, now, clock.instant(), null);
            }
            IssuerKeySet keys = IssuerKeySet.parse(document.get().bytes(), settings.maxKeys());
            unknown.clear();
            log.atInfo()
                    .addKeyValue("origin", loader.origin())
                    .addKeyValue("kids", keys.keys().keySet())
                    .addKeyValue("leftOut", keys.leftOut())
                    .log("loaded the token issuer's keys");
            return before.looked(keys, document.get().version(), now, clock.instant(), null);
        } catch (JwksUnavailable e) {
            if (!e.getMessage().equals(before.failure)) {
                log.atWarn()
                        .addKeyValue("origin", loader.origin())
                        .addKeyValue("reason", e.getMessage())
                        .addKeyValue("lastGood", before.confirmed)
                        .log("cannot load the token issuer's keys");
            }
            return before.looked(
                    before.keys, before.version, before.confirmed, clock.instant(), e.getMessage());
        }
    }

    private boolean usable(State seen, Instant now) {
        return seen.keys != null
                && seen.confirmed != null
                && now.isBefore(seen.confirmed.plus(settings.maxAge()));
    }

    /** A clock set back counts as elapsed: looking once too often does no harm. */
    private static boolean elapsed(@Nullable Instant since, Duration wait, Instant now) {
        return since == null || now.isBefore(since) || !now.isBefore(since.plus(wait));
    }

    /**
     * What is known about the keys.
     *
     * @param usable whether tokens can be checked now
     * @param keys how many are held
     * @param confirmed when they were last seen to be the issuer's
     * @param failure why the last look failed; empty when it did not
     */
    public record Status(
            String origin,
            boolean usable,
            int keys,
            Optional<Instant> confirmed,
            Optional<String> failure) {}

    private record State(
            @Nullable IssuerKeySet keys,
            String version,
            @Nullable Instant confirmed,
            @Nullable Instant looked,
            @Nullable String failure,
            long looks) {
        static final State EMPTY = new State(null, "", null, null, null, 0);

        /** After one look more. */
        State looked(
                @Nullable IssuerKeySet found,
                String itsVersion,
                @Nullable Instant confirmedAt,
                Instant at,
                @Nullable String why) {
            return new State(found, itsVersion, confirmedAt, at, why, looks + 1);
        }

        @Nullable IssuerKey key(String kid) {
            return keys == null ? null : keys.keys().get(kid);
        }
    }
}
