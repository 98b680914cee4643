package dev.countersign.server.rpc;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Workload;
import dev.countersign.server.distribution.PolicyFeed;
import dev.countersign.server.distribution.Subscriber;
import dev.countersign.wire.AuthenticationCodec;
import dev.countersign.wire.PolicyCodec;
import dev.countersign.wire.v1.ExportPoliciesResponse;
import dev.countersign.wire.v1.PolicyWorkload;
import java.util.List;
import java.util.function.Consumer;

/** The policies in force, in messages of bounded size. */
record PolicyExport(PolicyFeed.State state, List<Subscriber.View> subscribers) {

    private static final int POLICIES_PER_MESSAGE = 100;

    void messages(Consumer<ExportPoliciesResponse> receiver) {
        receiver.accept(settings());
        List<AuthorizationPolicy> policies = state.set().policies();
        for (int from = 0; from < policies.size(); from += POLICIES_PER_MESSAGE) {
            ExportPoliciesResponse.Builder message = ExportPoliciesResponse.newBuilder();
            policies.subList(from, Math.min(from + POLICIES_PER_MESSAGE, policies.size()))
                    .forEach(policy -> message.addPolicies(PolicyCodec.encode(policy)));
            receiver.accept(message.build());
        }
    }

    private ExportPoliciesResponse settings() {
        ExportPoliciesResponse.Builder message =
                ExportPoliciesResponse.newBuilder()
                        .setRevision(state.revision())
                        .setMesh(PolicyCodec.encode(state.set().mesh()));
        state.peers()
                .all()
                .forEach(one -> message.addPeerAuthentications(AuthenticationCodec.encode(one)));
        subscribers.stream()
                .map(view -> view.record())
                .map(record ->
                        new Workload(
                                record.account().namespace(),
                                record.account().name(),
                                record.labels()))
                .distinct()
                .forEach(workload ->
                        message.addWorkloads(
                                PolicyWorkload.newBuilder()
                                        .setNamespace(workload.namespace())
                                        .setServiceAccount(workload.serviceAccount())
                                        .putAllLabels(workload.labels())));
        return message.build();
    }
}
