package dev.countersign.agent.proxy;

import dev.countersign.agent.authorization.EndUserTokens;
import dev.countersign.agent.provider.CheckQuestion;
import dev.countersign.agent.provider.ExternalAuthorization;
import dev.countersign.agent.subscription.PolicySource;
import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.policy.PathNormalizer;
import dev.countersign.policy.Request;
import dev.countersign.trust.VerifiedPeer;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What a connection's decisions need beside the authorizer: the mesh's settings, and whom to ask. */
record Providers(
        ExternalAuthorization external,
        EndUserTokens tokens,
        PolicySource policies,
        InstantSource clock) {

    /** Before any policy came, the strictest: whatever is asked for will be denied. */
    PathNormalizer.Mode normalisation() {
        Optional<PolicySource.InForce> inForce = policies.current();
        return inForce.isPresent()
                ? inForce.get().policies().mesh().pathNormalization()
                : PathNormalizer.Mode.DECODE_AND_MERGE_SLASHES;
    }

    CompletableFuture<ProviderRound> ask(List<ExternalAuthorizer> asked, CheckQuestion question) {
        return ProviderRound.ask(external, asked, question);
    }

    CheckQuestion question(
            Optional<VerifiedPeer> peer, Request connection, CheckQuestion.Http http) {
        return new CheckQuestion(
                peer.map(one -> one.id().toString()).orElse(""),
                Objects.toString(connection.sourceIp(), ""),
                own(),
                Objects.toString(connection.destinationIp(), ""),
                connection.port(),
                Objects.requireNonNullElse(connection.sni(), ""),
                http,
                clock.instant());
    }

    private String own() {
        return policies.current()
                .map(now ->
                        "spiffe://"
                                + now.policies().mesh().trustDomain()
                                + "/ns/"
                                + now.workload().namespace()
                                + "/sa/"
                                + now.workload().serviceAccount())
                .orElse("");
    }
}
