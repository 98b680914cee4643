package dev.countersign.server.cli.policy;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import dev.countersign.policy.parse.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Policy files, read as the server reads them, all or nothing. */
final class PolicyDocuments {

    private static final long MAX_BYTES = 64L << 20;

    private PolicyDocuments() {}

    /**
     * The policies of these files and directories. An empty directory is an empty set.
     *
     * @throws PolicyFiles.UnusableFile where one cannot be read or is refused
     */
    static List<AuthorizationPolicy> read(List<Path> named) throws PolicyFiles.UnusableFile {
        List<AuthorizationPolicy> policies = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        Map<String, Path> seen = new HashMap<>();
        for (Path file : PolicyFiles.expand(named)) {
            try {
                for (AuthorizationPolicy policy :
                        PolicyParser.parse(file.toString(), PolicyFiles.read(file, MAX_BYTES))
                                .policies()) {
                    Path earlier = seen.putIfAbsent(policy.group() + " " + policy.id(), file);
                    if (earlier == null) {
                        policies.add(policy);
                    } else {
                        problems.add(
                                file
                                        + ": "
                                        + policy.id()
                                        + " stands in "
                                        + earlier
                                        + " already (expected: each policy once)");
                    }
                }
            } catch (PolicyRefused e) {
                e.problems().stream().map(Problem::toString).forEach(problems::add);
            }
        }
        if (!problems.isEmpty()) {
            throw new PolicyFiles.UnusableFile(
                    "policies refused:\n"
                            + problems.stream()
                                    .map(one -> "  " + one)
                                    .collect(Collectors.joining("\n")));
        }
        return policies;
    }
}
