package dev.countersign.agent.authorization;

import dev.countersign.agent.subscription.PolicySource;
import dev.countersign.agent.subscription.PolicySource.InForce;
import dev.countersign.identity.SpiffeId;
import dev.countersign.policy.Decision;
import dev.countersign.policy.Decision.Reason;
import dev.countersign.policy.ExplanationText;
import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.policy.ProviderAnswers;
import dev.countersign.policy.Request;
import dev.countersign.policy.Workload;
import dev.countersign.policy.WorkloadPolicies;
import dev.countersign.policy.authentication.MtlsMode;
import dev.countersign.trust.DenyList;
import dev.countersign.trust.VerifiedPeer;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the policies in force. The order: no policy source, deny; the request names another principal
 * than the handshake proved, deny; plaintext on a port that is STRICT, deny; the peer is on the deny
 * list, deny; what the policies say. A fault anywhere is a denial.
 */
public final class PolicyAuthorizer implements Authorizer {
    private static final Logger LOG = LoggerFactory.getLogger(PolicyAuthorizer.class);

    private static final Set<Reason> BEFORE_POLICIES =
            EnumSet.of(
                    Reason.NO_POLICY_SOURCE,
                    Reason.PEER_DENIED,
                    Reason.PLAINTEXT_REFUSED,
                    Reason.EVALUATION_FAULT);

    private final PolicySource source;
    private final DenyList denyList;
    private final DecisionLog log;
    private final PolicyMetrics metrics;
    private volatile @Nullable Compiled compiled;

    public PolicyAuthorizer(
            PolicySource source, DenyList denyList, DecisionLog log, MeterRegistry meters) {
        this.source = source;
        this.denyList = denyList;
        this.log = log;
        this.metrics = new PolicyMetrics(meters);
    }

    @Override
    public List<ExternalAuthorizer> providersToAsk(Optional<VerifiedPeer> peer, Request request) {
        Optional<Compiled> inForce = inForce();
        try {
            if (inForce.isEmpty() || deniedAtOnce(peer, request, inForce.get()) != null) {
                return List.of();
            }
            Set<String> names = inForce.get().policies().providersToAsk(request);
            if (names.isEmpty()) {
                return List.of();
            }
            Map<String, ExternalAuthorizer> known =
                    inForce.get().from().policies().mesh().externalAuthorizers();
            return names.stream().map(known::get).filter(Objects::nonNull).toList();
        } catch (RuntimeException e) {
            // The decision meets the same fault, and denies.
            LOG.atError().setCause(e).log("fault while looking for providers to ask");
            return List.of();
        }
    }

    @Override
    public Verdict decide(Optional<VerifiedPeer> peer, Request request, ProviderAnswers answers) {
        Optional<Compiled> inForce = inForce();
        Decision decision = consider(peer, request, answers, inForce);
        Decision dryRun = dryRun(request, answers, decision, inForce);
        List<Decision> audited = count(request, decision, dryRun, inForce);
        if (decision.allowed()) {
            log.allowed(peer, request, decision, dryRun);
            return new Permit(decision, audited);
        }
        Optional<Workload> destination = inForce.map(c -> c.from().workload());
        String id =
                log.denied(
                        new DecisionLog.Refusal(
                                peer,
                                request,
                                decision,
                                dryRun,
                                destination,
                                () -> explain(peer, request, answers, decision, inForce)));
        return new Denied(id, decision, audited);
    }

    @Override
    public Denied refuse(Optional<VerifiedPeer> peer, Request request, Reason reason, String why) {
        Optional<Compiled> inForce = inForce();
        Decision decision =
                denied(reason, inForce.map(c -> c.from().policies().revision()).orElse(0L));
        String id =
                log.denied(
                        new DecisionLog.Refusal(
                                peer,
                                request,
                                decision,
                                null,
                                inForce.map(c -> c.from().workload()),
                                () -> why));
        return new Denied(id, decision, List.of());
    }

    @Override
    public boolean stillAllowed(
            Optional<VerifiedPeer> peer, Request request, ProviderAnswers answers) {
        return consider(peer, request, answers, inForce()).allowed();
    }

    @Override
    public boolean needsHttp(int port) {
        return inForce().map(c -> c.needsHttp(port)).orElse(false);
    }

    @Override
    public MtlsMode mtls(int port) {
        return inForce().map(c -> c.mtls(port)).orElse(MtlsMode.STRICT);
    }

    /** One revision and what was looked up in it; replaced when the revision is. */
    private record Compiled(
            InForce from, Map<Integer, Boolean> httpPorts, Map<Integer, MtlsMode> mtlsByPort) {
        static Compiled of(InForce from) {
            return new Compiled(from, new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
        }

        WorkloadPolicies policies() {
            return from.own();
        }

        MtlsMode mtls(int port) {
            return mtlsByPort.computeIfAbsent(port, from::mtls);
        }

        boolean needsHttp(int port) {
            return httpPorts.computeIfAbsent(port, from.own()::httpRulesOnPort);
        }
    }

    @SuppressWarnings("ReferenceEquality") // the very object: comparing policies would cost more
    private Optional<Compiled> inForce() {
        try {
            Optional<InForce> now = source.current();
            if (now.isEmpty()) {
                return Optional.empty();
            }
            Compiled held = compiled;
            if (held == null || held.from() != now.get()) {
                held = Compiled.of(now.get());
                compiled = held;
            }
            return Optional.of(held);
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("policies in force cannot be read, denying");
            return Optional.empty();
        }
    }

    private Decision consider(
            Optional<VerifiedPeer> peer,
            Request request,
            ProviderAnswers answers,
            Optional<Compiled> inForce) {
        if (inForce.isEmpty()) {
            return denied(Reason.NO_POLICY_SOURCE, 0);
        }
        long revision = inForce.get().from().policies().revision();
        try {
            Reason atOnce = deniedAtOnce(peer, request, inForce.get());
            return atOnce == null
                    ? inForce.get().policies().decide(request, answers)
                    : denied(atOnce, revision);
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("request", request).setCause(e).log("fault while deciding");
            return denied(Reason.EVALUATION_FAULT, revision);
        }
    }

    /** Returns the AUDIT rules that matched. */
    private List<Decision> count(
            Request request,
            Decision decision,
            @Nullable Decision dryRun,
            Optional<Compiled> inForce) {
        metrics.enforced(decision);
        if (dryRun != null) {
            metrics.dryRun(dryRun);
        }
        if (inForce.isEmpty()) {
            return List.of();
        }
        List<Decision> audited = inForce.get().policies().audited(request);
        for (int i = 0; i < audited.size(); i++) {
            metrics.audited(audited.get(i));
        }
        return audited;
    }

    /** Counted beside what is enforced; null also where no policy was asked. */
    private static @Nullable Decision dryRun(
            Request request,
            ProviderAnswers answers,
            Decision enforced,
            Optional<Compiled> inForce) {
        WorkloadPolicies shadow = inForce.isEmpty() ? null : inForce.get().from().asIfEnforced();
        if (shadow == null || BEFORE_POLICIES.contains(enforced.reason())) {
            return null;
        }
        return shadow.decide(request, answers);
    }

    /** What no policy can allow. */
    private @Nullable Reason deniedAtOnce(
            Optional<VerifiedPeer> peer, Request request, Compiled inForce) {
        if (!isPrincipal(peer, request.sourcePrincipal())) {
            return Reason.EVALUATION_FAULT;
        }
        if (peer.isEmpty() && inForce.mtls(request.port()) == MtlsMode.STRICT) {
            return Reason.PLAINTEXT_REFUSED;
        }
        return peer.isPresent() && denyList.denies(peer.get()).isPresent()
                ? Reason.PEER_DENIED
                : null;
    }

    private String explain(
            Optional<VerifiedPeer> peer,
            Request request,
            ProviderAnswers answers,
            Decision decision,
            Optional<Compiled> inForce) {
        try {
            return switch (decision.reason()) {
                case NO_POLICY_SOURCE ->
                        "This agent has no policies yet: nothing came from the control plane, or"
                                + " what it holds is too old. Everything is denied until they come.";
                case PEER_DENIED ->
                        "The caller is on the deny list: "
                                + peer.flatMap(denyList::denies).orElse("no longer, meanwhile");
                case PLAINTEXT_REFUSED ->
                        "The port takes mutual TLS only (STRICT), and the caller came without.";
                case EVALUATION_FAULT ->
                        "The agent failed while deciding, and denies what it cannot decide; its log"
                                + " has the fault.";
                default -> inForce.map(c -> rendered(c, request, answers)).orElse("");
            };
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("denial cannot be explained");
            return "The explanation could not be rendered; the agent's log has the fault.";
        }
    }

    private static String rendered(Compiled inForce, Request request, ProviderAnswers answers) {
        return ExplanationText.renderBody(inForce.policies().explain(request, answers));
    }

    /** Without building a string: this runs for every request. */
    private static boolean isPrincipal(Optional<VerifiedPeer> peer, @Nullable String principal) {
        if (peer.isEmpty() || principal == null) {
            return peer.isEmpty() && principal == null;
        }
        SpiffeId id = peer.get().id();
        String domain = id.trustDomain().name();
        return principal.length() == domain.length() + id.path().length()
                && principal.startsWith(domain)
                && principal.endsWith(id.path());
    }

    private static Decision denied(Reason reason, long revision) {
        return new Decision(false, null, null, null, -1, revision, reason);
    }
}
