package dev.countersign.agent.proxy;

import dev.countersign.agent.authorization.Authorizer;
import dev.countersign.agent.authorization.Denied;
import dev.countersign.agent.authorization.Permit;
import dev.countersign.agent.authorization.Verdict;
import dev.countersign.agent.provider.CheckQuestion;
import dev.countersign.agent.provider.HeaderField;
import dev.countersign.agent.provider.ProviderVerdict;
import dev.countersign.agent.proxy.http.AddedFields;
import dev.countersign.agent.proxy.http.HttpRefusal;
import dev.countersign.agent.proxy.http.HttpRefused;
import dev.countersign.agent.proxy.http.LocalResponse;
import dev.countersign.agent.proxy.http.RequestGate;
import dev.countersign.agent.proxy.http.RequestHead;
import dev.countersign.agent.tracing.SpanContext;
import dev.countersign.jwt.TokenResult;
import dev.countersign.policy.Decision;
import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.policy.HeaderLookup;
import dev.countersign.policy.NormalizedPath;
import dev.countersign.policy.PathNormalizer;
import dev.countersign.policy.ProviderAnswers;
import dev.countersign.policy.Request;
import dev.countersign.policy.authentication.JwtRule;
import dev.countersign.trust.VerifiedPeer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Asks the authorizer about every request of one peer's connection: first its end user's token is
 * checked, then those are asked whom a CUSTOM policy names, then policies decide. Belongs to one connection, whose requests come one after the other.
 */
final class InboundGate implements RequestGate {
    private static final int UNAVAILABLE = 503;

    private final Authorizer authorizer;
    private final Providers providers;
    private final Optional<VerifiedPeer> peer;
    private final Request connection;
    private final AddedFields always;
    private final TracedHead traced;
    private AddedFields added;
    private @Nullable Verdict verdict;
    private @Nullable SpanContext trace;

    /** The answers for the request that is being decided. */
    private @Nullable ProviderRound round;

    private ProviderAnswers lastAnswers = ProviderAnswers.NONE;

    /** Whose good token came with the request that is being decided. */
    private TokenResult.@Nullable Valid user;

    /** Of the head that was brought into its normal form last. */
    private NormalizedPath.@Nullable Ok path;

    /**
     * @param connection what is known before any request: peer, addresses, port
     * @param always fields that every request gets
     */
    InboundGate(
            Authorizer authorizer,
            Providers providers,
            Optional<VerifiedPeer> peer,
            Request connection,
            AddedFields always,
            TracedHead traced) {
        this.authorizer = authorizer;
        this.providers = providers;
        this.peer = peer;
        this.connection = connection;
        this.always = always;
        this.traced = traced;
        this.added = always;
    }

    @Override
    public void normalise(RequestHead head) throws HttpRefused {
        if (head.isConnect()) {
            path = null;
            return;
        }
        PathNormalizer.Mode mode = providers.normalisation();
        switch (PathNormalizer.normalize(mode, head.path())) {
            case NormalizedPath.Ok ok -> {
                path = ok;
                if (!ok.path().equals(head.path())) {
                    head.usePath(ok.path());
                }
            }
            case NormalizedPath.Refused refused ->
                    throw new HttpRefused(HttpRefusal.BAD_PATH, "path: " + refused);
        }
    }

    @Override
    public Ruling decide(RequestHead head, Runnable again) {
        List<JwtRule> rules = providers.tokens().rules();
        user = null;
        verdict = null;
        trace = null;
        if (!rules.isEmpty()) {
            EndUser.strip(head, rules);
            switch (providers.tokens().check(EndUser.partsOf(head))) {
                case TokenResult.Missing missing -> {}
                case TokenResult.Valid valid -> user = valid;
                case TokenResult.Invalid invalid -> {
                    return refused(head, Decision.Reason.TOKEN_INVALID, invalid.message());
                }
                case TokenResult.KeysUnavailable unavailable -> {
                    return refused(
                            head,
                            Decision.Reason.TOKEN_KEYS_UNAVAILABLE,
                            "the keys of "
                                    + unavailable.issuer()
                                    + " are not here: "
                                    + unavailable.message());
                }
            }
        }
        Request request = request(head, head::field);
        List<ExternalAuthorizer> asked = authorizer.providersToAsk(peer, request);
        ProviderRound answered = round;
        round = null;
        if (!asked.isEmpty() && answered == null) {
            providers
                    .ask(asked, question(head))
                    .thenAccept(answers -> {
                        round = answers;
                        again.run();
                    });
            return Ruling.Wait.WAIT;
        }
        // Policies may have changed meanwhile, and ask somebody else: no answer denies.
        lastAnswers = answered == null ? ProviderAnswers.NONE : answered;
        Verdict decided = authorizer.decide(peer, request, lastAnswers);
        trace = traced.begin(head);
        return switch (decided) {
            case Permit permit -> {
                verdict = permit;
                yield pass(head, answered);
            }
            case Denied denied -> {
                verdict = denied;
                yield new Ruling.Refuse(refusal(denied, answered));
            }
        };
    }

    @Override
    public Recheck recheck(RequestHead head) {
        Request request = request(head, head.lastingFields());
        ProviderAnswers answers = lastAnswers;
        return new Recheck() {
            @Override
            public boolean stillAllowed() {
                return authorizer.stillAllowed(peer, request, answers);
            }

            @Override
            public Optional<LocalResponse> refusal() {
                return switch (authorizer.decide(peer, request, answers)) {
                    case Permit permit -> Optional.empty();
                    case Denied denied -> Optional.of(LocalResponse.denied(denied.id()));
                };
            }
        };
    }

    @Override
    public AddedFields addedFields() {
        return added;
    }

    @Override
    public @Nullable SpanContext trace() {
        return trace;
    }

    @Override
    public @Nullable Verdict verdict() {
        return verdict;
    }

    private Request request(RequestHead head, HeaderLookup fields) {
        Request.Builder builder =
                connection
                        .httpOnThisConnection()
                        .method(head.method())
                        .host(head.host())
                        .headers(fields);
        NormalizedPath.Ok proven = path;
        if (proven != null && proven.path().equals(head.path())) {
            builder.normalPath(proven);
        } else if (!head.isConnect()) {
            builder.path(head.path());
        }
        if (user != null) {
            builder.jwtClaims(user.claims());
        }
        return builder.build();
    }

    /** A token that is not good is its caller's fault, keys that are missing are not. */
    private Ruling refused(RequestHead head, Decision.Reason reason, String why) {
        Denied denied = authorizer.refuse(peer, request(head, head::field), reason, why);
        verdict = denied;
        trace = traced.begin(head);
        return new Ruling.Refuse(
                reason == Decision.Reason.TOKEN_INVALID
                        ? LocalResponse.unauthorized(denied.id(), EndUser.challenge())
                        : LocalResponse.denied(denied.id(), UNAVAILABLE, List.of(), ""));
    }

    private Ruling pass(RequestHead head, @Nullable ProviderRound answered) {
        added = always;
        List<HeaderField> fields = new ArrayList<>();
        if (answered != null) {
            answered.removed().forEach(head::drop);
            fields.addAll(answered.upstream());
        }
        if (user != null) {
            EndUser.takeToken(head, user);
            fields.addAll(EndUser.told(user));
        }
        if (trace != null) {
            fields.add(TracedHead.field(trace));
        }
        if (!fields.isEmpty()) {
            fields.forEach(field -> head.drop(field.name()));
            added = always.and(fields);
        }
        return Ruling.Pass.PASS;
    }

    private static LocalResponse refusal(Denied denied, @Nullable ProviderRound answered) {
        return switch (denied.decision().reason()) {
            case CUSTOM_PROVIDER_DENIED, CUSTOM_PROVIDER_UNAVAILABLE ->
                    Optional.ofNullable(answered)
                            .flatMap(ProviderRound::refusal)
                            .map(verdict -> inItsWords(denied.id(), verdict))
                            .orElseGet(() -> LocalResponse.denied(denied.id()));
            default -> LocalResponse.denied(denied.id());
        };
    }

    private static LocalResponse inItsWords(String id, ProviderVerdict verdict) {
        return LocalResponse.denied(
                id,
                verdict.status(),
                verdict.downstream().stream().map(one -> one.name() + ": " + one.value()).toList(),
                verdict.body());
    }

    private CheckQuestion question(RequestHead head) {
        Map<String, String> headers = new HashMap<>();
        head.forEachField((name, value) -> headers.merge(name, value, (a, b) -> a + "," + b));
        return providers.question(
                peer,
                connection,
                new CheckQuestion.Http(head.method(), head.host(), head.target(), headers));
    }
}
