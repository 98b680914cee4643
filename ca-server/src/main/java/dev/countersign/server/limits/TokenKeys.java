package dev.countersign.server.limits;

import dev.countersign.server.limits.Verdict.Limit;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which keys came with which token. An agent that restarts brings the token it had and a new key;
 * so does whoever stole the token. The second key is therefore worth a log entry, and a token is good
 * for a few only. A renewal that is also backed by the current certificate is not counted: its new
 * key is what renewals are for.
 */
public final class TokenKeys {
    private static final Duration RETRY_AFTER = Duration.ofMinutes(1);

    private final int maxKeysPerToken;
    private final int maxTokens;
    private final LinkedHashMap<String, Entry> entries = new LinkedHashMap<>();

    /**
     * @param maxKeysPerToken how many first contacts one token is good for; 1 to 1000
     * @param maxTokens how many tokens are remembered; at the bound the one seen first is forgotten
     */
    public TokenKeys(int maxKeysPerToken, int maxTokens) {
        if (maxKeysPerToken < 1 || maxKeysPerToken > 1000) {
            throw new IllegalArgumentException(
                    "maxKeysPerToken: " + maxKeysPerToken + " (expected: 1 to 1000)");
        }
        if (maxTokens < 1) {
            throw new IllegalArgumentException("maxTokens: " + maxTokens + " (expected: >= 1)");
        }
        this.maxKeysPerToken = maxKeysPerToken;
        this.maxTokens = maxTokens;
    }

    /** Twenty restarts of a container within the life of one token, a hundred thousand tokens. */
    public static TokenKeys withDefaults() {
        return new TokenKeys(20, 100_000);
    }

    /**
     * A first contact with this token and key. Call it once both are proven: the token by the
     * attestor, the key by the request's proof of possession.
     *
     * @param tokenFingerprint names the token
     * @param until the token's end: it is remembered until then
     * @param keyHash names the key
     */
    public synchronized Use firstContact(
            String tokenFingerprint, Instant until, String keyHash, Instant now) {
        @Nullable Entry entry = entries.get(tokenFingerprint);
        if (entry == null) {
            makeRoom(now);
            entries.put(tokenFingerprint, new Entry(until, keyHash));
            return new Use(1, true, Verdict.pass());
        }
        if (entry.keys.contains(keyHash)) {
            return new Use(entry.keys.size(), false, Verdict.pass());
        }
        if (entry.keys.size() >= maxKeysPerToken) {
            return new Use(
                    entry.keys.size(),
                    true,
                    new Verdict.Exceeded(Limit.BUDGET_KEYS_PER_TOKEN, RETRY_AFTER));
        }
        entry.keys.add(keyHash);
        return new Use(entry.keys.size(), true, Verdict.pass());
    }

    public synchronized int size() {
        return entries.size();
    }

    private void makeRoom(Instant now) {
        // Oldest first: tokens live about equally long, so the ended ones are at the front.
        while (!entries.isEmpty() && entries.firstEntry().getValue().until.isBefore(now)) {
            entries.pollFirstEntry();
        }
        if (entries.size() >= maxTokens) {
            entries.pollFirstEntry();
        }
    }

    /**
     * What this contact was.
     *
     * @param keys how many keys came with the token so far
     * @param newKey whether this one had not come with it before
     * @param verdict whether it may go on
     */
    public record Use(int keys, boolean newKey, Verdict verdict) {
        /** Whether it belongs in the log as {@code TOKEN_WITH_SECOND_KEY}. */
        public boolean isSecondKey() {
            return newKey && (keys > 1 || !verdict.passes());
        }
    }

    private static final class Entry {
        private final Instant until;
        private final Set<String> keys = new HashSet<>(2);

        Entry(Instant until, String firstKey) {
            this.until = until;
            keys.add(firstKey);
        }
    }
}
