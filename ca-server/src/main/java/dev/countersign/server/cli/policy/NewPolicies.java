package dev.countersign.server.cli.policy;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.policy.parse.ParsedPolicies;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import dev.countersign.policy.parse.Problem;
import dev.countersign.server.cli.CommandFailed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A set of policies from files, all of them admitted. */
record NewPolicies(List<AuthorizationPolicy> policies, List<PeerAuthentication> peers) {
    private static final long MAX_BYTES = 64L << 20;

    /**
     * @throws PolicyFiles.UnusableFile where a file cannot be used at all
     * @throws CommandFailed where a policy is refused
     */
    static NewPolicies read(List<Path> named) throws PolicyFiles.UnusableFile {
        List<AuthorizationPolicy> policies = new ArrayList<>();
        List<PeerAuthentication> peers = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        Map<String, Path> seen = new HashMap<>();
        for (Path file : PolicyFiles.expand(named)) {
            try {
                ParsedPolicies parsed =
                        PolicyParser.parse(file.toString(), PolicyFiles.read(file, MAX_BYTES));
                for (AuthorizationPolicy one : parsed.policies()) {
                    Path earlier = seen.putIfAbsent(one.group() + " " + one.id(), file);
                    if (earlier != null) {
                        problems.add(
                                file
                                        + ": "
                                        + one.id()
                                        + " stands in "
                                        + earlier
                                        + " already (expected: each policy once)");
                    }
                    policies.add(one);
                }
                peers.addAll(parsed.peerAuthentications());
            } catch (PolicyRefused e) {
                e.problems().stream().map(Problem::toString).forEach(problems::add);
            }
        }
        if (!problems.isEmpty()) {
            throw new CommandFailed(
                    "policies refused:\n"
                            + problems.stream()
                                    .map(one -> "  " + one)
                                    .collect(Collectors.joining("\n")));
        }
        return new NewPolicies(policies, peers);
    }
}
