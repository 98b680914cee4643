package dev.countersign.agent.authorization;

import dev.countersign.policy.Decision;
import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.policy.ProviderAnswers;
import dev.countersign.policy.Request;
import dev.countersign.policy.authentication.MtlsMode;
import dev.countersign.trust.VerifiedPeer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Decides by a predicate; remembers what it was asked. */
public final class FakeAuthorizer implements Authorizer {
    public static final String DENIAL_ID = "0123456789abcdef";

    private static final Decision ALLOWED =
            new Decision(true, null, null, null, -1, 1, Decision.Reason.ALLOWED_BY_DEFAULT);
    private static final Decision DENIED =
            new Decision(false, null, null, null, -1, 1, Decision.Reason.DENIED_BY_DEFAULT);

    private final List<String> asked = new ArrayList<>();
    private static final Decision DENIED_BY_PROVIDER =
            new Decision(false, null, null, null, -1, 1, Decision.Reason.CUSTOM_PROVIDER_DENIED);

    private volatile List<ExternalAuthorizer> providers = List.of();
    private volatile Predicate<Request> rule;
    private volatile MtlsMode mtls = MtlsMode.STRICT;

    public FakeAuthorizer(Predicate<Request> rule) {
        this.rule = rule;
    }

    /** As an authorizer makes it. */
    public static Permit permit(Decision decision, List<Decision> audited) {
        return new Permit(decision, audited);
    }

    public void rule(Predicate<Request> next) {
        rule = next;
    }

    /** Method, host and path of each request that was decided. */
    public synchronized List<String> asked() {
        return List.copyOf(asked);
    }

    /** Providers that every request has to be put to from now on. */
    public void asks(ExternalAuthorizer... next) {
        providers = List.of(next);
    }

    @Override
    public List<ExternalAuthorizer> providersToAsk(Optional<VerifiedPeer> peer, Request request) {
        return providers;
    }

    @Override
    public Verdict decide(Optional<VerifiedPeer> peer, Request request, ProviderAnswers answers) {
        synchronized (this) {
            if (asked.size() < 1000) {
                asked.add(request.method() + " " + request.host() + " " + request.path());
            }
        }
        if (!answered(answers)) {
            return new Denied(DENIAL_ID, DENIED_BY_PROVIDER, List.of());
        }
        return rule.test(request)
                ? new Permit(ALLOWED, List.of())
                : new Denied(DENIAL_ID, DENIED, List.of());
    }

    @Override
    public Denied refuse(
            Optional<VerifiedPeer> peer, Request request, Decision.Reason reason, String why) {
        return new Denied(
                DENIAL_ID, new Decision(false, null, null, null, -1, 1, reason), List.of());
    }

    @Override
    public boolean stillAllowed(
            Optional<VerifiedPeer> peer, Request request, ProviderAnswers answers) {
        return answered(answers) && rule.test(request);
    }

    private boolean answered(ProviderAnswers answers) {
        return providers.stream()
                .allMatch(one -> answers.of(one.name()) == ProviderAnswers.Answer.ALLOW);
    }

    @Override
    public boolean needsHttp(int port) {
        return true;
    }

    /** Which connections every port takes from now on. */
    public void mtls(MtlsMode next) {
        mtls = next;
    }

    @Override
    public MtlsMode mtls(int port) {
        return mtls;
    }
}
