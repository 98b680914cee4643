package dev.countersign.server.cli.policy;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Workload;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.policy.authentication.PeerAuthentications;
import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.wire.AuthenticationCodec;
import dev.countersign.wire.MalformedMessage;
import dev.countersign.wire.PolicyCodec;
import dev.countersign.wire.v1.ExportPoliciesRequest;
import dev.countersign.wire.v1.ExportPoliciesResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Mix-in: the policies that a command decides with: those in force at the server, or files, read as
 * the server reads them.
 */
final class PolicyInput {

    @Option(
            names = "--policies",
            arity = "1..*",
            paramLabel = "FILE|DIR",
            description = "Use these policies, without a server (default: those in force at it).")
    private List<Path> files = List.of();

    @Mixin private MeshOptions mesh = new MeshOptions();

    /**
     * Reads the files or asks the server.
     *
     * @throws PolicyFiles.UnusableFile where a file cannot be read, or a policy in it is refused
     * @throws CommandFailed where the server cannot be asked
     */
    Known read(AdminConnection admin, InstantSource clock) throws PolicyFiles.UnusableFile {
        return files.isEmpty() ? inForce(admin, clock) : fromFiles(clock);
    }

    private Known fromFiles(InstantSource clock) throws PolicyFiles.UnusableFile {
        PolicyDocuments documents = PolicyDocuments.read(files);
        MeshSettings settings = mesh.settings();
        return new Known(
                PolicySet.of(0, settings, documents.policies(), clock),
                new PeerAuthentications(settings, documents.peerAuthentications()),
                List.of());
    }

    /** What the server decides with. */
    static Known inForce(AdminConnection admin, InstantSource clock) {
        List<ExportPoliciesResponse> messages =
                admin.call(stub -> {
                    List<ExportPoliciesResponse> all = new ArrayList<>();
                    stub.exportPolicies(ExportPoliciesRequest.getDefaultInstance())
                            .forEachRemaining(all::add);
                    return all;
                });
        try {
            ExportPoliciesResponse first = messages.getFirst();
            MeshSettings settings = PolicyCodec.decode(first.getMesh());
            List<PeerAuthentication> peers = new ArrayList<>();
            for (var one : first.getPeerAuthenticationsList()) {
                peers.add(AuthenticationCodec.decode(one));
            }
            List<AuthorizationPolicy> policies = new ArrayList<>();
            for (ExportPoliciesResponse message : messages) {
                for (var policy : message.getPoliciesList()) {
                    policies.add(PolicyCodec.decode(policy));
                }
            }
            List<Workload> workloads =
                    first.getWorkloadsList().stream()
                            .map(one ->
                                    new Workload(
                                            one.getNamespace(),
                                            one.getServiceAccount(),
                                            one.getLabelsMap()))
                            .toList();
            return new Known(
                    PolicySet.of(first.getRevision(), settings, policies, clock),
                    new PeerAuthentications(settings, peers),
                    workloads);
        } catch (MalformedMessage e) {
            throw new CommandFailed(
                    "the server's policies cannot be read by this version: " + e.getMessage(), e);
        }
    }

    /**
     * What a command decides with.
     *
     * @param peers which connections workloads take
     * @param workloads that the server knows; none without a server
     */
    record Known(PolicySet set, PeerAuthentications peers, List<Workload> workloads) {
        Known {
            workloads = List.copyOf(workloads);
        }
    }
}
