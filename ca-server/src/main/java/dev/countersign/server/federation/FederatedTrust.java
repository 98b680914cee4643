package dev.countersign.server.federation;

import dev.countersign.feed.FederatedBundle;
import dev.countersign.identity.TrustDomain;
import dev.countersign.runtime.AtomicFiles;
import dev.countersign.server.federation.FederationPeer.Profile;
import dev.countersign.server.federation.FederationRefused.Reason;
import dev.countersign.trust.FederatedBundles;
import dev.countersign.trust.TrustBundle;
import dev.countersign.trust.TrustBundles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bundles of other trust domains: each looked at again when its own hint says so, the last good
 * one kept, in memory and in a file. Thread-safe.
 */
public final class FederatedTrust {
    /** Without a hint (SPIFFE Federation, section 6.1). */
    static final Duration DEFAULT_HINT = Duration.ofMinutes(5);

    private static final Logger LOG = LoggerFactory.getLogger(FederatedTrust.class);
    private static final TrustBundles NOBODY =
            new TrustBundles() {
                @Override
                public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
                    return Optional.empty();
                }

                @Override
                public long epoch() {
                    return 0;
                }
            };

    private final List<Domain> domains;
    private final BundleFetch fetch;
    private final Path folder;
    private final InstantSource clock;
    private final Executor background;
    private volatile Runnable listener = () -> {};

    /**
     * How one domain is.
     *
     * @param roots how many of its roots are believed; 0 = nobody of it is
     * @param sequence of the bundle held; 0 = it does not count, or there is none
     * @param fetched when its endpoint last answered well; empty = not since this server started
     * @param problem why it did not the last time; empty when it did
     * @param next when it is looked at again
     */
    public record Status(
            FederationPeer peer,
            int roots,
            long sequence,
            Optional<Instant> fetched,
            Optional<String> problem,
            Instant next) {}

    /**
     * Starts with what was kept, or with the files that are believed at first.
     *
     * @param folder where the last good documents are kept
     * @param background runs looks, which may take seconds
     * @throws FederationRefused when such a file is no bundle of its domain
     */
    public FederatedTrust(
            List<FederationPeer> peers, Path folder, InstantSource clock, Executor background)
            throws FederationRefused, IOException {
        this.fetch = new BundleFetch(clock);
        this.folder = folder;
        this.clock = clock;
        this.background = background;
        List<Domain> all = new ArrayList<>();
        if (!peers.isEmpty()) {
            AtomicFiles.createPrivateDirectory(folder);
        }
        for (FederationPeer peer : peers) {
            all.add(new Domain(peer, first(peer)));
        }
        this.domains = List.copyOf(all);
    }

    /** Told when agents must hear of another bundle; on a thread of the background. */
    public void onChange(Runnable told) {
        listener = told;
    }

    /** What agents are told; a domain without roots is left out: nobody of it is believed. */
    public List<FederatedBundle> bundles() {
        List<FederatedBundle> bundles = new ArrayList<>();
        for (Domain domain : domains) {
            domain.bundle().ifPresent(bundles::add);
        }
        return bundles;
    }

    public List<Status> status() {
        return domains.stream().map(Domain::status).toList();
    }

    /** Looks where it is time; call it every second or so. */
    public void maintain() {
        Instant now = clock.instant();
        for (Domain domain : domains) {
            if (domain.isDue(now)) {
                background.execute(domain::look);
            }
        }
    }

    /**
     * Looks now.
     *
     * @return how it is then; empty when no such domain is configured
     */
    public Optional<Status> refresh(TrustDomain trustDomain) {
        Optional<Domain> found =
                domains.stream()
                        .filter(domain -> domain.peer.trustDomain().equals(trustDomain))
                        .findFirst();
        found.ifPresent(Domain::look);
        return found.map(Domain::status);
    }

    private Optional<BundleDocument> first(FederationPeer peer)
            throws FederationRefused, IOException {
        Path kept = file(peer);
        if (Files.exists(kept)) {
            return Optional.of(BundleDocument.parse(Files.readAllBytes(kept), peer.trustDomain()));
        }
        return switch (peer.profile()) {
            case Profile.HttpsWeb web -> Optional.empty();
            case Profile.HttpsSpiffe spiffe ->
                    Optional.of(
                            BundleDocument.parse(
                                    Files.readAllBytes(spiffe.bundleFile()), peer.trustDomain()));
        };
    }

    private Path file(FederationPeer peer) {
        return folder.resolve(peer.trustDomain().name() + ".json");
    }

    private final class Domain {
        private final FederationPeer peer;
        private Optional<BundleDocument> held;
        private Optional<Instant> fetched = Optional.empty();
        private Optional<String> problem = Optional.empty();
        private Instant next = Instant.MIN;
        private boolean looking;

        Domain(FederationPeer peer, Optional<BundleDocument> held) {
            this.peer = peer;
            this.held = held;
        }

        synchronized boolean isDue(Instant now) {
            return !looking && !now.isBefore(next);
        }

        synchronized Optional<FederatedBundle> bundle() {
            return held.filter(document -> !document.roots().isEmpty())
                    .map(document ->
                            new FederatedBundle(
                                    peer.trustDomain(),
                                    document.roots(),
                                    document.sequence().orElse(0L)));
        }

        synchronized Status status() {
            return new Status(
                    peer,
                    held.map(document -> document.roots().size()).orElse(0),
                    held.flatMap(BundleDocument::sequence).orElse(0L),
                    fetched,
                    problem,
                    next);
        }

        /** One at a time; the endpoint's own certificate is held to what is believed already. */
        void look() {
            synchronized (this) {
                if (looking) {
                    return;
                }
                looking = true;
            }
            boolean changed = false;
            try {
                byte[] document = fetch.get(peer, believed());
                changed = take(document, BundleDocument.parse(document, peer.trustDomain()));
            } catch (FederationRefused refused) {
                failed(refused);
            } finally {
                synchronized (this) {
                    looking = false;
                }
            }
            if (changed) {
                listener.run();
            }
        }

        private synchronized boolean take(byte[] bytes, BundleDocument document)
                throws FederationRefused {
            long before = held.flatMap(BundleDocument::sequence).orElse(0L);
            long after = document.sequence().orElse(before);
            if (after < before) {
                throw new FederationRefused(
                        Reason.FEDERATION_WENT_BACK,
                        peer.trustDomain()
                                + ": sequence "
                                + after
                                + " (expected: >= "
                                + before
                                + ")");
            }
            boolean changed = !held.equals(Optional.of(document));
            held = Optional.of(document);
            fetched = Optional.of(clock.instant());
            problem = Optional.empty();
            next = clock.instant().plus(document.refreshHint().orElse(DEFAULT_HINT));
            if (changed) {
                keep(bytes);
                LOG.atInfo()
                        .addKeyValue("trustDomain", peer.trustDomain())
                        .addKeyValue("roots", document.roots().size())
                        .addKeyValue("sequence", after)
                        .log("bundle of another trust domain");
            }
            return changed;
        }

        private synchronized void failed(FederationRefused refused) {
            problem = Optional.of(refused.reason() + ": " + refused.getMessage());
            next =
                    clock.instant()
                            .plus(
                                    held.flatMap(BundleDocument::refreshHint)
                                            .orElse(DEFAULT_HINT)
                                            .dividedBy(2));
            LOG.atWarn()
                    .addKeyValue("trustDomain", peer.trustDomain())
                    .addKeyValue("reason", refused.getMessage())
                    .log("bundle of another trust domain not had, the last good one stays");
        }

        private void keep(byte[] bytes) {
            try {
                AtomicFiles.write(file(peer), bytes);
            } catch (IOException unwritable) {
                LOG.atWarn()
                        .addKeyValue("trustDomain", peer.trustDomain())
                        .addKeyValue("reason", unwritable.toString())
                        .log("bundle of another trust domain not kept for the next start");
            }
        }

        private synchronized TrustBundles believed() {
            Optional<TrustBundle> bundle =
                    held.filter(document -> !document.roots().isEmpty())
                            .map(document ->
                                    FederatedBundles.of(
                                            peer.trustDomain(),
                                            document.roots(),
                                            document.sequence().orElse(0L)));
            return bundle.map(TrustBundles::fixed).orElse(NOBODY);
        }
    }
}
