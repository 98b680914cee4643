package dev.countersign.server.authority;

import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.approval.Approvals;
import dev.countersign.server.authority.approval.AwaitingApproval;
import dev.countersign.server.authority.approval.Step;
import dev.countersign.server.authority.ceremony.BroughtKey;
import dev.countersign.server.authority.ceremony.ImportRefused;
import dev.countersign.server.authority.ceremony.ImportRefused.Reason;
import dev.countersign.server.authority.ceremony.ImportRules;
import dev.countersign.server.authority.ceremony.ImportedChain;
import dev.countersign.server.authority.ceremony.TestSigning;
import dev.countersign.server.authority.rotation.Holdings;
import dev.countersign.server.authority.rotation.KnownRoot;
import dev.countersign.server.authority.rotation.Mark;
import dev.countersign.server.authority.rotation.PastRoot;
import dev.countersign.server.authority.rotation.RotationState;
import dev.countersign.server.authority.rotation.RotationState.Stable;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.LocalKey;
import dev.countersign.server.keys.SigningKey;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.server.x509.IssuerRequest;
import dev.countersign.server.x509.KeyIds;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.security.auth.x500.X500Principal;

/**
 * Ceremonies around a root that is kept or was made elsewhere: a request for an online issuer, and
 * the import of what came of it. Works beside a server or without one: what it makes is an epoch like
 * any other, which every replica takes over.
 *
 * <p>In this order: read, rules, test signature, approvals, log, epoch. Nothing of a chain counts
 * before.
 */
public final class RootImport {
    private static final int SUFFIX = 8;
    private static final int ATTEMPTS = 5;

    /**
     * What it works with.
     *
     * @param issuerLife an issuer may live so long at most, a day for the ceremony not counted
     */
    public record Parts(
            AuthoritySettings settings,
            Duration issuerLife,
            KeyVault vault,
            AuthorityJournal journal,
            AuditTrail audit,
            IssuerRequests requests,
            Approvals approvals) {}

    /**
     * A request for an issuer.
     *
     * @param request PKCS#10, DER
     * @param keyName of its key in the vault
     * @param life what to sign it for
     */
    public record Requested(byte[] request, String keyName, String subject, Duration life) {}

    /** What an import did. */
    public enum Effect {
        /** The first root of a new authority. */
        FIRST,
        /** The next issuer of a root that is believed. */
        ISSUER,
        /** A further root, in every bundle from now on; {@code root rotate} lets it sign. */
        STANDBY
    }

    /** What came in. */
    public record Imported(Effect effect, long epoch, KnownRoot root) {}

    private final Parts parts;
    private final AuthorityEvents events;
    private final Epochs epochs;
    private final StateLoader loader;
    private final FirstStart first;
    private final TestSigning signing;
    private final SecureRandom random;

    public RootImport(Parts parts, SecureRandom random) {
        this.parts = parts;
        this.random = random;
        AuthoritySettings settings = parts.settings();
        CertificateAssembler assembler = new CertificateAssembler();
        Certifier certifier = new Certifier(assembler, random);
        events = new AuthorityEvents(parts.audit(), settings.trustDomain());
        epochs =
                new Epochs(
                        settings,
                        parts.vault(),
                        parts.journal(),
                        certifier,
                        events,
                        Optional.empty());
        loader = new StateLoader(settings.trustDomain(), parts.vault());
        first =
                new FirstStart(
                        settings,
                        parts.vault(),
                        certifier,
                        new BundleMaker(settings.trustDomain(), settings.bundleLife()),
                        events,
                        Optional.empty());
        signing = new TestSigning(settings.trustDomain(), assembler, random);
    }

    /**
     * Makes the first root here and now, instead of at the first start.
     *
     * @throws ImportRefused {@code IMPORT_NOT_FIRST} when there is an authority
     * @throws AuthorityRefused {@code ROOT_NOT_IMPORTED} where roots are made elsewhere
     */
    public Imported init(Instant now) throws ImportRefused, KeyVaultException, AuditUnavailable {
        checkFirst();
        AuthorityState made = epochs.loadOrCreate(now);
        return new Imported(Effect.FIRST, made.epoch(), made.rotation().signing());
    }

    /** Makes a key in the vault, and a request for the certificate that lets it sign here. */
    public Requested request(Instant now) throws KeyVaultException, AuditUnavailable {
        String name = keyName();
        SigningKey key = parts.vault().create(name);
        boolean done = false;
        try {
            byte[] request =
                    IssuerRequest.make(
                            parts.settings().trustDomain(),
                            key.publicKey(),
                            message -> signed(key, message));
            String subject = IssuerRequest.commonName(key.publicKey().getEncoded());
            events.issuerRequested(name, key.publicKey().getEncoded(), subject, now);
            done = true;
            return new Requested(request, name, "CN=" + subject, parts.issuerLife());
        } catch (GeneralSecurityException unsigned) {
            throw new KeyVaultException(
                    KeyVaultException.Reason.UNAVAILABLE, "key: does not sign", unsigned);
        } finally {
            if (!done) {
                parts.vault().destroy(name);
            }
        }
    }

    /**
     * Takes in the certificate of a key that {@link #request} made: the issuer first, the root last; a
     * root that is believed already may be left out.
     *
     * @param by who asks, for the log
     * @throws ImportRefused with the first rule that the chain breaks
     * @throws AwaitingApproval when others must approve first: nothing happened
     */
    public Imported chain(String pem, String by, Instant now)
            throws ImportRefused, AwaitingApproval, KeyVaultException, AuditUnavailable {
        Optional<AuthorityState> state = state();
        ImportedChain chain = ImportedChain.completed(pem, believed(state));
        Effect effect = check(chain, state, now);
        String hash = KeyIds.sha256(chain.signing().getPublicKey().getEncoded());
        String keyName =
                parts.requests()
                        .keyName(hash)
                        .orElseThrow(() ->
                                new ImportRefused(
                                        Reason.IMPORT_KEY_MISMATCH,
                                        chain.signing().getSubjectX500Principal()
                                                + ": of a key that is not in the vault (expected:"
                                                + " of one that countersign root csr made here)"));
        SigningKey key =
                parts.vault()
                        .find(keyName)
                        .orElseThrow(() ->
                                new ImportRefused(
                                        Reason.IMPORT_KEY_MISMATCH,
                                        "key "
                                                + keyName
                                                + ": not in the vault any more (expected: there;"
                                                + " make another request)"));
        signing.prove(chain, key, now);
        return take(effect, chain, () -> keyName, state, by, now);
    }

    /**
     * Takes in a signing certificate together with its key.
     *
     * @throws ImportRefused with the first rule that it breaks
     * @throws AwaitingApproval when others must approve first: nothing happened
     * @throws KeyVaultException {@code KEY_MADE_HERE_ONLY} when the vault takes no keys
     */
    public Imported withKey(BroughtKey brought, String by, Instant now)
            throws ImportRefused, AwaitingApproval, KeyVaultException, AuditUnavailable {
        Optional<AuthorityState> state = state();
        Effect effect = check(brought.chain(), state, now);
        signing.prove(brought.chain(), brought.key(), now);
        return take(effect, brought.chain(), () -> kept(brought.key()), state, by, now);
    }

    /** The name under which the vault has the key; asked for when nothing can refuse any more. */
    @FunctionalInterface
    private interface KeyName {
        String get() throws KeyVaultException;
    }

    private String kept(LocalKey key) throws KeyVaultException {
        String name = keyName();
        parts.vault().keep(name, key);
        return name;
    }

    private Imported take(
            Effect effect,
            ImportedChain chain,
            KeyName keyName,
            Optional<AuthorityState> state,
            String by,
            Instant now)
            throws ImportRefused, AwaitingApproval, KeyVaultException, AuditUnavailable {
        approve(effect, chain, state.map(AuthorityState::epoch).orElse(0L));
        KnownRoot root = KnownRoot.of(keyName.get(), chain.root(), chain.issuers());
        events.imported(
                effect == Effect.ISSUER
                        ? AuditEvent.Type.ISSUER_IMPORTED
                        : AuditEvent.Type.ROOT_IMPORTED,
                root,
                by,
                now);
        if (state.isEmpty()) {
            AuthorityJournal.State made = first.imported(root, now);
            if (!parts.journal().replace(0, made)) {
                throw contended();
            }
            return new Imported(effect, made.epoch(), root);
        }
        return new Imported(effect, move(effect, chain, root, state.get(), now), root);
    }

    /** Bundles are issued anew meanwhile; whatever else became of the state is looked at again. */
    private long move(
            Effect effect, ImportedChain chain, KnownRoot root, AuthorityState seen, Instant now)
            throws ImportRefused, KeyVaultException, AuditUnavailable {
        AuthorityState state = seen;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Stable stable = stable(state.rotation());
            RotationState next =
                    effect == Effect.ISSUER
                            ? stable.issuedBy(root)
                            : stable.standBy(root, new Mark(state.epoch() + 1, now));
            Optional<AuthorityState> made = epochs.move(state, next, now);
            if (made.isPresent()) {
                return made.get().epoch();
            }
            state = state().orElseThrow(RootImport::contended);
            if (check(chain, Optional.of(state), now) != effect) {
                throw contended();
            }
        }
        throw contended();
    }

    private Effect check(ImportedChain chain, Optional<AuthorityState> state, Instant now)
            throws ImportRefused {
        ImportRules rules =
                new ImportRules(
                        parts.settings().trustDomain(),
                        believed(state),
                        ImportRules.ROOT_LIFE,
                        ImportRules.ISSUER_LIFE);
        checkLife(chain, now);
        if (state.isEmpty()) {
            rules.checkNewRoot(chain, now);
            return Effect.FIRST;
        }
        Stable stable = stable(state.get().rotation());
        if (chain.root().equals(stable.signing().certificate())) {
            rules.checkIssuer(chain, now);
            return Effect.ISSUER;
        }
        rules.checkNewRoot(chain, now);
        checkPast(chain.root(), stable.holdings());
        if (stable.holdings().standby().isPresent()) {
            throw new ImportRefused(
                    Reason.IMPORT_NOT_NOW,
                    "standby: "
                            + stable.holdings().standby().get().keyId()
                            + " (expected: none; countersign root standby --remove, or rotate"
                            + " first)");
        }
        return Effect.STANDBY;
    }

    private void checkLife(ImportedChain chain, Instant now) throws ImportRefused {
        Instant latest = now.plus(parts.issuerLife()).plus(Duration.ofDays(1));
        if (!chain.issuers().isEmpty()
                && chain.signing().getNotAfter().toInstant().isAfter(latest)) {
            throw new ImportRefused(
                    Reason.IMPORT_LIFE_TOO_LONG,
                    "issuer: until "
                            + chain.signing().getNotAfter().toInstant()
                            + " (expected: <= "
                            + latest
                            + "; authority.issuerLife is "
                            + parts.issuerLife().toDays()
                            + " d)");
        }
    }

    /** Roots of before are known by key and name only. */
    private static void checkPast(X509Certificate root, Holdings holdings) throws ImportRefused {
        String key = KeyIds.sha256(root.getPublicKey().getEncoded());
        String subject = root.getSubjectX500Principal().getName(X500Principal.CANONICAL);
        for (PastRoot past : holdings.past()) {
            if (past.keyHash().equals(key)) {
                throw new ImportRefused(
                        Reason.IMPORT_KEY_KNOWN,
                        "root: key of the past root "
                                + past.keyId()
                                + " (expected: a key of its own)");
            }
            if (past.subject().equals(subject)) {
                throw new ImportRefused(
                        Reason.IMPORT_SUBJECT_KNOWN,
                        "root: subject "
                                + subject
                                + " of the past root "
                                + past.keyId()
                                + " (expected: a subject of its own)");
            }
        }
    }

    private void approve(Effect effect, ImportedChain chain, long epoch)
            throws AwaitingApproval, AuditUnavailable {
        Map<String, String> facts = new TreeMap<>();
        facts.put("effect", effect.name());
        facts.put("root", KeyIds.sha256(chain.root()));
        if (!chain.issuers().isEmpty()) {
            facts.put("issuer", KeyIds.sha256(chain.signing()));
        }
        parts.approvals()
                .require(new Step(Step.Kind.IMPORT, parts.settings().trustDomain(), epoch, facts));
    }

    private void checkFirst() throws ImportRefused {
        Optional<AuthorityJournal.State> stored = parts.journal().load();
        if (stored.isPresent()) {
            throw new ImportRefused(
                    Reason.IMPORT_NOT_FIRST,
                    "journal: epoch "
                            + stored.get().epoch()
                            + " (expected: empty; another root comes by root rotate or root"
                            + " import)");
        }
    }

    private Optional<AuthorityState> state() throws KeyVaultException {
        Optional<AuthorityJournal.State> stored = parts.journal().load();
        return stored.isPresent() ? Optional.of(loader.load(stored.get())) : Optional.empty();
    }

    private static Stable stable(RotationState state) throws ImportRefused {
        if (state instanceof Stable stable) {
            return stable;
        }
        throw new ImportRefused(
                Reason.IMPORT_NOT_NOW,
                "a rotation runs, in " + state.phase() + " (expected: STABLE; wait, or undo it)");
    }

    private static List<X509Certificate> believed(Optional<AuthorityState> state) {
        return state.map(one -> one.bundle().roots()).orElse(List.of());
    }

    private String keyName() {
        byte[] suffix = new byte[SUFFIX];
        random.nextBytes(suffix);
        return "issuer-" + HexFormat.of().formatHex(suffix);
    }

    private static byte[] signed(SigningKey key, byte[] message) throws GeneralSecurityException {
        try {
            return key.sign(message);
        } catch (KeyVaultException unavailable) {
            throw new GeneralSecurityException(unavailable.getMessage(), unavailable);
        }
    }

    private static AuthorityRefused contended() {
        return new AuthorityRefused(
                AuthorityRefused.Reason.JOURNAL_CONTENDED,
                "journal: changed meanwhile (expected: once; try again)");
    }
}
