package dev.countersign.server.cli.policy;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Workload;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import dev.countersign.policy.parse.Problem;
import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.wire.MalformedMessage;
import dev.countersign.wire.PolicyCodec;
import dev.countersign.wire.v1.ExportPoliciesRequest;
import dev.countersign.wire.v1.ExportPoliciesResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Mix-in: the policies that a command decides with: those in force at the server, or files, read as
 * the server reads them.
 */
final class PolicyInput {

    private static final long MAX_BYTES = 64L << 20;

    @Option(
            names = "--policies",
            arity = "1..*",
            paramLabel = "FILE|DIR",
            description = "Use these policies, without a server (default: those in force at it).")
    private List<Path> files = List.of();

    @Mixin private MeshOptions mesh = new MeshOptions();

    boolean needsServer() {
        return files.isEmpty();
    }

    /**
     * Reads the files or asks the server.
     *
     * @throws PolicyFiles.UnusableFile where a file cannot be used at all
     * @throws CommandFailed where a policy is refused, or the server is
     */
    Known read(AdminConnection admin, InstantSource clock) throws PolicyFiles.UnusableFile {
        return files.isEmpty() ? inForce(admin, clock) : fromFiles(clock);
    }

    private Known fromFiles(InstantSource clock) throws PolicyFiles.UnusableFile {
        List<AuthorizationPolicy> policies = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        for (Path file : PolicyFiles.expand(files)) {
            try {
                policies.addAll(
                        PolicyParser.parse(file.toString(), PolicyFiles.read(file, MAX_BYTES))
                                .policies());
            } catch (PolicyRefused e) {
                problems.addAll(e.problems());
            }
        }
        if (!problems.isEmpty()) {
            throw new CommandFailed(
                    "policies refused:\n"
                            + problems.stream()
                                    .map(one -> "  " + one)
                                    .collect(Collectors.joining("\n")));
        }
        return new Known(PolicySet.of(0, mesh.settings(), policies, clock), List.of());
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
                    PolicySet.of(
                            first.getRevision(),
                            PolicyCodec.decode(first.getMesh()),
                            policies,
                            clock),
                    workloads);
        } catch (MalformedMessage e) {
            throw new CommandFailed(
                    "the server's policies cannot be read by this version: " + e.getMessage(), e);
        }
    }

    /**
     * What a command decides with.
     *
     * @param workloads that the server knows; none without a server
     */
    record Known(PolicySet set, List<Workload> workloads) {
        Known {
            workloads = List.copyOf(workloads);
        }
    }
}
