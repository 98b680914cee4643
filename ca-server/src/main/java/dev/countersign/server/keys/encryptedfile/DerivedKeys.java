package dev.countersign.server.keys.encryptedfile;

import dev.countersign.server.keys.Passphrase;
import dev.countersign.server.x509.Scrypt;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one passphrase derives, remembered by salt and cost: a derivation takes tenths of a second and 128 MiB, which
 * a server that distrusts an intermediate under load does not have. New keys take the salt of the last derivation of
 * their cost, so all that one process seals costs one; each has a nonce of its own. Whoever has this memory has the
 * passphrase too. Thread-safe; derives one at a time.
 */
final class DerivedKeys implements AutoCloseable {
    /** Folders of earlier releases have a salt for each key. */
    private static final int MAX_KEPT = 64;

    private final Passphrase passphrase;
    private final SecureRandom random;
    private final int length;
    private final Map<Origin, byte[]> derived = new LinkedHashMap<>();

    /**
     * @param passphrase owned by the caller
     * @param length of what is derived, in bytes
     */
    DerivedKeys(Passphrase passphrase, SecureRandom random, int length) {
        this.passphrase = passphrase;
        this.random = random;
        this.length = length;
    }

    /** Salt in hex: arrays are no keys of maps. */
    private record Origin(Scrypt cost, String salt) {}

    /** A copy, which the caller zeroes. */
    synchronized byte[] derive(Scrypt cost, byte[] salt) {
        Origin origin = new Origin(cost, HexFormat.of().formatHex(salt));
        byte[] known = derived.get(origin);
        if (known == null) {
            known = passphrase.read(bytes -> cost.derive(bytes, salt, length));
            if (derived.size() >= MAX_KEPT) {
                forget();
            }
            derived.put(origin, known);
        }
        return known.clone();
    }

    /** To seal a new key with: of the last derivation of this cost, else a random one. */
    synchronized byte[] salt(Scrypt cost) {
        @Nullable String last = null;
        for (Origin origin : derived.keySet()) {
            last = origin.cost().equals(cost) ? origin.salt() : last;
        }
        if (last != null) {
            return HexFormat.of().parseHex(last);
        }
        byte[] fresh = new byte[KeyFile.SALT];
        random.nextBytes(fresh);
        return fresh;
    }

    /** Zeroes what is remembered. */
    @Override
    public synchronized void close() {
        forget();
    }

    private void forget() {
        derived.values().forEach(known -> Arrays.fill(known, (byte) 0));
        derived.clear();
    }
}
