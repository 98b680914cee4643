package dev.countersign.server.kubernetes.trust;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** Which namespaces there are and which content each is known to have. Thread-safe. */
final class Published {
    private static final String ANOTHER = "another's";

    private final Set<String> namespaces = ConcurrentHashMap.newKeySet();
    private final Map<String, String> contents = new ConcurrentHashMap<>();

    /** Somebody else's, which is left alone. */
    void another(String namespace) {
        contents.put(namespace, ANOTHER);
    }

    /** One that has somebody else's, if any. */
    Optional<String> ofOthers() {
        return contents.entrySet().stream()
                .filter(entry -> entry.getValue().equals(ANOTHER))
                .map(Map.Entry::getKey)
                .sorted()
                .findFirst();
    }

    void namespace(String name) {
        namespaces.add(name);
    }

    boolean forget(String name) {
        return namespaces.remove(name);
    }

    Set<String> namespaces() {
        return namespaces;
    }

    /** Content counts by its digest: a namespace takes some bytes, not kilobytes. */
    void applied(String namespace, Map<String, String> data) {
        contents.put(namespace, fingerprint(data));
    }

    boolean missing(String namespace) {
        return contents.remove(namespace) != null;
    }

    Map<String, String> contents() {
        return contents;
    }

    boolean has(String namespace, Map<String, String> data) {
        return fingerprint(data).equals(contents.get(namespace));
    }

    List<String> stale(Map<String, String> data) {
        String wanted = fingerprint(data);
        return namespaces.stream()
                .filter(name -> {
                    String held = contents.get(name);
                    return !wanted.equals(held) && !ANOTHER.equals(held);
                })
                .sorted()
                .toList();
    }

    private static String fingerprint(Map<String, String> data) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            new TreeMap<>(data)
                    .forEach((name, value) -> {
                        sha256.update(
                                (name + "\n" + value.length() + "\n")
                                        .getBytes(StandardCharsets.UTF_8));
                        sha256.update(value.getBytes(StandardCharsets.UTF_8));
                    });
            return HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every JDK has SHA-256
        }
    }
}
