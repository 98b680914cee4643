package dev.countersign.server.cli.policy;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.analysis.PlaintextDoors;
import dev.countersign.policy.authentication.MtlsMode;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.policy.authentication.PeerAuthentications;
import dev.countersign.policy.parse.ParsedPolicies;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import dev.countersign.policy.parse.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Policy files, read as the server reads them, all or nothing.
 *
 * @param policies in the order of the files
 * @param peerAuthentications which of the workloads' ports take plaintext
 * @param mayOpen those of the policies that say that they may leave workloads without an ALLOW
 */
record PolicyDocuments(
        List<AuthorizationPolicy> policies,
        List<PeerAuthentication> peerAuthentications,
        List<AuthorizationPolicy> mayOpen) {

    private static final long MAX_BYTES = 64L << 20;

    PolicyDocuments {
        policies = List.copyOf(policies);
        peerAuthentications = List.copyOf(peerAuthentications);
        mayOpen = List.copyOf(mayOpen);
    }

    /**
     * The policies of these files and directories.
     *
     * @throws PolicyFiles.UnusableFile where one cannot be read or is refused
     */
    static PolicyDocuments read(List<Path> named) throws PolicyFiles.UnusableFile {
        List<Content> contents = new ArrayList<>();
        for (Path file : PolicyFiles.expand(named)) {
            contents.add(new Content(file, PolicyFiles.read(file, MAX_BYTES)));
        }
        List<Parsed> files = contents.parallelStream().map(Content::parse).toList();
        List<String> problems = new ArrayList<>();
        List<AuthorizationPolicy> policies = new ArrayList<>();
        List<PeerAuthentication> peers = new ArrayList<>();
        List<AuthorizationPolicy> mayOpen = new ArrayList<>();
        Map<String, Path> seen = new HashMap<>();
        for (Parsed file : files) {
            file.problems().stream().map(Problem::toString).forEach(problems::add);
            peers.addAll(file.parsed().peerAuthentications());
            mayOpen.addAll(file.parsed().mayOpen());
            for (AuthorizationPolicy policy : file.parsed().policies()) {
                policies.add(policy);
                Path earlier = seen.putIfAbsent(policy.group() + " " + policy.id(), file.file());
                if (earlier != null) {
                    problems.add(twice(file.file(), policy, earlier));
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new PolicyFiles.UnusableFile(
                    problems.stream()
                            .map(one -> "  " + one)
                            .collect(Collectors.joining("\n", "policies refused:\n", "")));
        }
        return new PolicyDocuments(policies, peers, mayOpen);
    }

    /** Where plaintext gets in: of our own group nowhere but where somebody says so. */
    PlaintextDoors doors(MeshSettings mesh, MtlsMode otherwise) {
        return new PlaintextDoors(new PeerAuthentications(mesh, peerAuthentications), otherwise);
    }

    private static String twice(Path file, AuthorizationPolicy policy, Path earlier) {
        return file
                + ": "
                + policy.id()
                + " stands in "
                + earlier
                + " already (expected: each policy once)";
    }

    /** A file before it is parsed. */
    private record Content(Path file, byte[] bytes) {
        Parsed parse() {
            try {
                return new Parsed(file, PolicyParser.parse(file.toString(), bytes), List.of());
            } catch (PolicyRefused e) {
                return new Parsed(file, Parsed.NOTHING, e.problems());
            }
        }
    }

    /** A file after. */
    private record Parsed(Path file, ParsedPolicies parsed, List<Problem> problems) {
        static final ParsedPolicies NOTHING =
                new ParsedPolicies(
                        List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
    }
}
