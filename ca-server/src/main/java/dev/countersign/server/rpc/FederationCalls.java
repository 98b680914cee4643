package dev.countersign.server.rpc;

import dev.countersign.identity.MalformedIdentity;
import dev.countersign.identity.TrustDomain;
import dev.countersign.server.federation.FederatedTrust;
import dev.countersign.server.federation.FederationPeer;
import dev.countersign.wire.Timestamps;
import dev.countersign.wire.v1.FederatedDomain;
import dev.countersign.wire.v1.ListFederationResponse;
import dev.countersign.wire.v1.RefreshFederationRequest;
import java.time.Instant;

/** How the bundles of other trust domains are. */
public final class FederationCalls {
    private final FederatedTrust trust;

    public FederationCalls(FederatedTrust trust) {
        this.trust = trust;
    }

    ListFederationResponse list() {
        ListFederationResponse.Builder answer = ListFederationResponse.newBuilder();
        trust.status().forEach(one -> answer.addDomains(message(one)));
        return answer.build();
    }

    ListFederationResponse refresh(RefreshFederationRequest request) {
        try {
            return trust.refresh(new TrustDomain(request.getTrustDomain()))
                    .map(one ->
                            ListFederationResponse.newBuilder().addDomains(message(one)).build())
                    .orElseThrow(() ->
                            AdminGrpcService.notFound(
                                    "FEDERATION_UNKNOWN",
                                    request.getTrustDomain()
                                            + " (expected: one of the configuration's"
                                            + " federation)"));
        } catch (MalformedIdentity malformed) {
            throw AdminGrpcService.invalid(
                    "FEDERATION_UNKNOWN", String.valueOf(malformed.getMessage()));
        }
    }

    private static FederatedDomain message(FederatedTrust.Status status) {
        FederatedDomain.Builder message =
                FederatedDomain.newBuilder()
                        .setTrustDomain(status.peer().trustDomain().name())
                        .setUrl(status.peer().url().toString())
                        .setProfile(
                                switch (status.peer().profile()) {
                                    case FederationPeer.Profile.HttpsWeb web -> "https_web";
                                    case FederationPeer.Profile.HttpsSpiffe spiffe ->
                                            "https_spiffe";
                                })
                        .setRoots(status.roots())
                        .setSequence(status.sequence())
                        .setProblem(status.problem().orElse(""));
        status.fetched().ifPresent(at -> message.setFetched(Timestamps.encode(at)));
        if (status.next().isAfter(Instant.EPOCH)) {
            message.setNext(Timestamps.encode(status.next()));
        }
        return message.build();
    }
}
