package dev.countersign.server;

import dev.countersign.runtime.ConfigReader;
import dev.countersign.server.authority.approval.ApprovalRules;
import dev.countersign.server.authority.approval.OperatorKeys;
import dev.countersign.server.operators.Operators;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads {@code approvals}: who must approve steps that count. Without it every step is the asker's
 * own decision.
 *
 * <pre>{@code
 * approvals:
 *   required: 2
 *   operators: {alice: alice.pem, bob: bob.pem, carol: carol.pem}   # PEM, P-256 or Ed25519
 * }</pre>
 */
final class ApprovalRulesReader {
    private static final String OPERATORS = "approvals.operators";
    private static final int MAX_BYTES = 4096;

    private final ConfigReader reader;

    ApprovalRulesReader(ConfigReader reader) {
        this.reader = reader;
    }

    Optional<ApprovalRules> read() {
        Map<String, PublicKey> keys = keys();
        Optional<Long> required = reader.integer("approvals.required", 1, 100).optional();
        if (required.isEmpty() && keys.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ApprovalRules((int) (long) required.orElse(0L), keys));
        } catch (IllegalArgumentException wrong) {
            reader.problem(
                    "approvals.required",
                    required.map(String::valueOf).orElse("missing"),
                    "1 to the number of operators whose keys can be read, " + keys.size());
            return Optional.empty();
        }
    }

    private Map<String, PublicKey> keys() {
        Map<String, PublicKey> keys = new TreeMap<>();
        Set<PublicKey> seen = new HashSet<>();
        reader.map(OPERATORS)
                .forEach((name, file) -> {
                    if (!Operators.isName(name) || name.contains(".")) {
                        reader.problem(OPERATORS, name, "a name: a-z 0-9 - _, <= 63");
                        return;
                    }
                    reader.path(OPERATORS + "." + name)
                            .optional()
                            .flatMap(path -> key(name, path))
                            .ifPresent(key -> {
                                keys.put(name, key);
                                if (!seen.add(key)) {
                                    reader.problem(
                                            OPERATORS + "." + name,
                                            file,
                                            "a key of its own: another operator has it too");
                                }
                            });
                });
        return keys;
    }

    private Optional<PublicKey> key(String name, Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            String pem = new String(in.readNBytes(MAX_BYTES), StandardCharsets.US_ASCII);
            return Optional.of(OperatorKeys.parse(pem));
        } catch (IOException | IllegalArgumentException unusable) {
            reader.problem(
                    OPERATORS + "." + name,
                    file + ": " + unusable.getMessage(),
                    "PEM of a P-256 or Ed25519 public key");
            return Optional.empty();
        }
    }
}
