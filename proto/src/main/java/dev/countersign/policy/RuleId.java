package dev.countersign.policy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Names a rule by place and by content: {@code shop/orders-callers#0:1f0c22ab}.
 *
 * <p>The part after the colon is the beginning of a SHA-256 over what the rule says together with
 * the action of its policy. So a rule that only moved keeps it, and one that changed where it stands
 * does not: two decisions by the same id were made by the same words.
 */
final class RuleId {
    private static final int BYTES = 4;

    private RuleId() {}

    static String of(AuthorizationPolicy policy, int index) {
        MessageDigest digest = sha256();
        add(digest, policy.action().name());
        add(digest, policy.rules().get(index));
        byte[] hash = digest.digest();
        return policy.id() + "#" + index + ":" + HexFormat.of().formatHex(hash, 0, BYTES);
    }

    private static void add(MessageDigest digest, Rule rule) {
        count(digest, rule.from().size());
        rule.from().forEach(source -> add(digest, source));
        count(digest, rule.to().size());
        rule.to().forEach(operation -> add(digest, operation));
        count(digest, rule.when().size());
        for (Condition condition : rule.when()) {
            add(digest, condition.key());
            add(digest, condition.values());
            add(digest, condition.notValues());
        }
        add(digest, rule.expression());
    }

    private static void add(MessageDigest digest, Source source) {
        add(digest, source.principals());
        add(digest, source.notPrincipals());
        add(digest, source.requestPrincipals());
        add(digest, source.notRequestPrincipals());
        add(digest, source.namespaces());
        add(digest, source.notNamespaces());
        add(digest, source.ipBlocks());
        add(digest, source.notIpBlocks());
        add(digest, source.remoteIpBlocks());
        add(digest, source.notRemoteIpBlocks());
        add(digest, source.serviceAccounts());
        add(digest, source.notServiceAccounts());
        add(digest, source.trustDomains());
        add(digest, source.notTrustDomains());
    }

    private static void add(MessageDigest digest, Operation operation) {
        add(digest, operation.hosts());
        add(digest, operation.notHosts());
        add(digest, operation.ports());
        add(digest, operation.notPorts());
        add(digest, operation.methods());
        add(digest, operation.notMethods());
        add(digest, operation.paths());
        add(digest, operation.notPaths());
    }

    private static void add(MessageDigest digest, List<String> values) {
        count(digest, values.size());
        values.forEach(value -> add(digest, value));
    }

    /** Its length first: or two lists could read the same. */
    private static void add(MessageDigest digest, @Nullable String text) {
        byte[] bytes = text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
        count(digest, text == null ? -1 : bytes.length);
        digest.update(bytes);
    }

    private static void count(MessageDigest digest, int size) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(size).array());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every JDK has SHA-256
        }
    }
}
