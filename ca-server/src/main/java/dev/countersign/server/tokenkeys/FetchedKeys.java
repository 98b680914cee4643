package dev.countersign.server.tokenkeys;

import dev.countersign.feed.KeySet;
import dev.countersign.jwt.Jwks;
import dev.countersign.jwt.JwksRefused;
import dev.countersign.server.attestation.serviceaccount.JwksLoader;
import dev.countersign.server.attestation.serviceaccount.JwksUnavailable;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fetches keys by address, each at its own pace, and keeps the last good ones. */
public final class FetchedKeys {
    /** Addresses of a mesh; what is beyond gets no keys, and its tokens are refused. */
    public static final int MAX_ADDRESSES = 256;

    /** Least time between two looks at one address, whoever asks. */
    public static final Duration FLOOR = Duration.ofSeconds(10);

    static final Duration REFRESH_EVERY = Duration.ofMinutes(5);
    static final Duration RETRY_AFTER = Duration.ofSeconds(30);

    /** How old the time that agents were told may become: far below what they still believe. */
    static final Duration RETELL_AFTER = Duration.ofHours(4);

    private static final int MAX_PROBLEM = 500;
    private static final Logger log = LoggerFactory.getLogger(FetchedKeys.class);

    private final Function<String, JwksLoader> loaders;
    private final InstantSource clock;
    private final Executor background;
    private final Map<String, Issuer> issuers = new ConcurrentHashMap<>();
    private volatile Runnable listener = () -> {};

    /**
     * @param loaders how an address is fetched; may throw {@link IllegalArgumentException}
     * @param background runs looks, which may take seconds
     */
    public FetchedKeys(
            Function<String, JwksLoader> loaders, InstantSource clock, Executor background) {
        this.loaders = loaders;
        this.clock = clock;
        this.background = background;
    }

    /** Told when agents must hear something new; on a thread of the background. */
    public void onChange(Runnable told) {
        listener = told;
    }

    /** These addresses and no others are needed from now on. */
    public void need(Collection<String> addresses) {
        issuers.keySet().retainAll(addresses);
        for (String address : addresses) {
            if (issuers.size() < MAX_ADDRESSES && !issuers.containsKey(address)) {
                issuers.put(address, new Issuer(address));
            }
        }
        maintain();
    }

    /** Looks where it is time to; call it about once a second. */
    public void maintain() {
        Instant now = clock.instant();
        issuers.values().stream().filter(issuer -> issuer.isDue(now)).forEach(this::look);
    }

    /** A token named a key that is not among those of this address. */
    public void wish(String address) {
        Issuer issuer = issuers.get(address);
        if (issuer != null && issuer.mayLook(clock.instant())) {
            look(issuer);
        }
    }

    /** What agents that need these addresses are to be told; one for each, by address. */
    public List<KeySet> of(Collection<String> addresses) {
        Map<String, KeySet> told = new TreeMap<>();
        for (String address : addresses) {
            Issuer issuer = issuers.get(address);
            told.put(
                    address,
                    issuer == null
                            ? new KeySet(
                                    address,
                                    "",
                                    Optional.empty(),
                                    "not fetched: more than " + MAX_ADDRESSES + " addresses")
                            : issuer.told);
        }
        return List.copyOf(told.values());
    }

    private void look(Issuer issuer) {
        if (!issuer.begin(clock.instant())) {
            return;
        }
        try {
            background.execute(() -> {
                boolean news;
                try {
                    news = issuer.look(loaders, clock);
                } finally {
                    issuer.end();
                }
                if (news && issuers.get(issuer.address) == issuer) {
                    listener.run();
                }
            });
        } catch (RejectedExecutionException shuttingDown) {
            issuer.end();
        }
    }

    /** One address. Looked at by one thread at a time; read by all. */
    private static final class Issuer {
        private final String address;
        private volatile KeySet told;
        private @Nullable Instant looked;
        private boolean looking;
        private @Nullable JwksLoader loader;
        private String version = "";
        private String jwks = "";

        Issuer(String address) {
            this.address = address;
            this.told = new KeySet(address, "", Optional.empty(), "not fetched yet");
        }

        synchronized boolean mayLook(Instant now) {
            return !looking && hasElapsed(FLOOR, now);
        }

        synchronized boolean isDue(Instant now) {
            boolean well = told.problem().isEmpty();
            return !looking && hasElapsed(well ? REFRESH_EVERY : RETRY_AFTER, now);
        }

        synchronized boolean begin(Instant now) {
            if (looking) {
                return false;
            }
            looking = true;
            looked = now;
            return true;
        }

        synchronized void end() {
            looking = false;
        }

        /** Whether agents must be told. */
        boolean look(Function<String, JwksLoader> loaders, InstantSource clock) {
            KeySet before = told;
            try {
                JwksLoader from = loader == null ? loaders.apply(address) : loader;
                loader = from;
                Optional<JwksLoader.Document> document = from.load(version);
                if (document.isPresent()) {
                    jwks = checked(document.get().bytes());
                    version = document.get().version();
                }
                told = confirmed(before, clock.instant());
            } catch (JwksUnavailable | JwksRefused | IllegalArgumentException e) {
                told = failed(before, String.valueOf(e.getMessage()));
            }
            return !told.equals(before);
        }

        private String checked(byte[] document) throws JwksRefused, JwksUnavailable {
            Jwks keys = Jwks.parse(document);
            String bare = keys.publicDocument();
            if (bare.length() > KeySet.MAX_JWKS) {
                throw new JwksUnavailable(
                        "keys: "
                                + bare.length()
                                + " characters (expected: <= "
                                + KeySet.MAX_JWKS
                                + ")");
            }
            log.atInfo()
                    .addKeyValue("address", address)
                    .addKeyValue("keys", keys.size())
                    .addKeyValue("leftOut", keys.leftOut())
                    .log("fetched the keys of a token issuer");
            return bare;
        }

        /** The time alone is no news, or every look would make a revision for everybody. */
        private KeySet confirmed(KeySet before, Instant now) {
            boolean same = before.jwks().equals(jwks) && before.problem().isEmpty();
            boolean recent =
                    before.fetched().map(at -> now.isBefore(at.plus(RETELL_AFTER))).orElse(false);
            return same && recent ? before : new KeySet(address, jwks, Optional.of(now), "");
        }

        private KeySet failed(KeySet before, String reason) {
            String problem =
                    reason.length() > MAX_PROBLEM ? reason.substring(0, MAX_PROBLEM) : reason;
            if (!problem.equals(before.problem())) {
                log.atWarn()
                        .addKeyValue("address", address)
                        .addKeyValue("reason", problem)
                        .addKeyValue("lastGood", before.fetched())
                        .log("cannot fetch the keys of a token issuer");
            }
            return new KeySet(address, before.jwks(), before.fetched(), problem);
        }

        private boolean hasElapsed(Duration wait, Instant now) {
            // A clock set back counts as elapsed: looking once too often does no harm.
            return looked == null || now.isBefore(looked) || !now.isBefore(looked.plus(wait));
        }
    }
}
