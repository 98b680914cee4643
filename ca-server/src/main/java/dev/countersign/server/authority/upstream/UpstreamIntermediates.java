package dev.countersign.server.authority.upstream;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.authority.ceremony.ImportRefused;
import dev.countersign.server.authority.ceremony.ImportedChain;
import dev.countersign.server.authority.ceremony.ReplicaRules;
import dev.countersign.server.authority.ceremony.TestSigning;
import dev.countersign.server.authority.upstream.UpstreamRefused.Reason;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.LocalKey;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.server.x509.IssuerRequest;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the next intermediate of this process ready: made here, signed upstream, checked. Nobody who
 * issues waits for upstream; {@link #take} gives what is there, and what is missing is asked for by
 * {@link #maintain}, ever more rarely while upstream does not answer. Thread-safe.
 */
public final class UpstreamIntermediates {
    private static final Logger LOG = LoggerFactory.getLogger(UpstreamIntermediates.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final UpstreamAuthority upstream;
    private final X509Certificate root;
    private final TrustDomain trustDomain;
    private final Duration life;
    private final InstantSource clock;
    private final SecureRandom random;
    private final TestSigning signing;
    private boolean wanted;
    private boolean asking;
    private Optional<Signed> ready = Optional.empty();
    private Optional<UpstreamRefused> failure = Optional.empty();
    private Instant notBefore = Instant.MIN;
    private Duration pause = FIRST_PAUSE;

    /**
     * An intermediate and its key.
     *
     * @param above issuers between it and the root, the nearest first
     */
    public record Signed(X509Certificate certificate, List<X509Certificate> above, LocalKey key) {
        public Signed {
            above = List.copyOf(above);
        }
    }

    /**
     * @param root whom everything must lead to; verifiers believe it
     * @param life to ask for
     */
    public UpstreamIntermediates(
            UpstreamAuthority upstream,
            X509Certificate root,
            TrustDomain trustDomain,
            Duration life,
            InstantSource clock,
            SecureRandom random) {
        this.upstream = upstream;
        this.root = root;
        this.trustDomain = trustDomain;
        this.life = life;
        this.clock = clock;
        this.random = random;
        this.signing = new TestSigning(trustDomain, new CertificateAssembler(), random);
    }

    public X509Certificate root() {
        return root;
    }

    /** Whether one is ready; if not, it is asked for from now on. */
    public synchronized boolean isReady() {
        wanted = ready.isEmpty();
        return ready.isPresent();
    }

    /**
     * The one that is ready: it is the taker's from now on.
     *
     * @throws UpstreamRefused when there is none; one is asked for
     */
    public synchronized Signed take() throws UpstreamRefused {
        if (ready.isEmpty()) {
            wanted = true;
            throw failure.orElseGet(() ->
                    new UpstreamRefused(
                            Reason.UPSTREAM_UNAVAILABLE,
                            "intermediate: not signed yet (expected: in a moment)"));
        }
        Signed taken = ready.get();
        ready = Optional.empty();
        return taken;
    }

    /** Why the last question failed; empty when it did not. */
    public synchronized Optional<String> problem() {
        return failure.map(one -> one.reason() + ": " + one.getMessage());
    }

    /** Asks upstream when one is wanted and it is time. Blocks for as long as upstream takes. */
    public void maintain() {
        Instant now = clock.instant();
        synchronized (this) {
            if (!wanted || asking || now.isBefore(notBefore)) {
                return;
            }
            asking = true;
        }
        try {
            fetch();
        } catch (UpstreamRefused refused) {
            LOG.atWarn()
                    .addKeyValue("reason", refused.reason())
                    .addKeyValue("message", refused.getMessage())
                    .log("no intermediate from upstream, trying again");
        } finally {
            synchronized (this) {
                asking = false;
            }
        }
    }

    /**
     * Asks upstream now.
     *
     * @throws UpstreamRefused as it answered, or for what is wrong with the answer
     */
    public void fetch() throws UpstreamRefused {
        try {
            Signed made = ask();
            synchronized (this) {
                ready = Optional.of(made);
                wanted = false;
                failure = Optional.empty();
                pause = FIRST_PAUSE;
            }
        } catch (UpstreamRefused refused) {
            synchronized (this) {
                failure = Optional.of(refused);
                notBefore = clock.instant().plus(pause);
                Duration longer = pause.multipliedBy(2);
                pause = longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
            }
            throw refused;
        }
    }

    private Signed ask() throws UpstreamRefused {
        try {
            LocalKey key = LocalKey.generate(random);
            byte[] request = IssuerRequest.make(trustDomain, key.publicKey(), 0, key::signOrFail);
            ImportedChain chain =
                    upstream.sign(
                            request,
                            IssuerRequest.intermediateName(key.publicKey().getEncoded()),
                            trustDomain,
                            0,
                            life);
            Instant now = clock.instant();
            ReplicaRules.check(chain, root, key.publicKey(), now);
            signing.proveReplica(chain, key, now);
            return new Signed(
                    chain.signing(), chain.issuers().subList(1, chain.issuers().size()), key);
        } catch (ImportRefused unfit) {
            throw new UpstreamRefused(
                    Reason.UPSTREAM_MALFORMED, unfit.reason() + ": " + unfit.getMessage(), unfit);
        } catch (KeyVaultException | GeneralSecurityException unsigned) {
            throw new UpstreamRefused(
                    Reason.UPSTREAM_UNAVAILABLE,
                    "intermediate: no key could be made (expected: one)",
                    unsigned);
        }
    }
}
