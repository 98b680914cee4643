package dev.countersign.server.authority.upstream.vault;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the engine is.
 *
 * @param address https, host and port only
 * @param mount of the engine, for instance {@code pki}
 * @param namespace of Vault Enterprise and OpenBao; empty = the root one
 * @param tokenFile first line = the token; mode 0600
 * @param caFile PEM roots to trust instead of the JDK's
 */
public record VaultSettings(
        URI address,
        String mount,
        Optional<String> namespace,
        Path tokenFile,
        Optional<Path> caFile) {
    private static final String PATH = "[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*";

    public VaultSettings {
        boolean plain = address.getPath().isEmpty() || address.getPath().equals("/");
        if (!"https".equals(address.getScheme())
                || address.getHost() == null
                || address.getUserInfo() != null
                || address.getQuery() != null
                || !plain) {
            throw new IllegalArgumentException(
                    "address: " + address + " (expected: https://host:port)");
        }
        if (!mount.matches(PATH)) {
            throw new IllegalArgumentException(
                    "mount: "
                            + mount.length()
                            + " characters (expected: a path of A-Z a-z 0-9 _ -)");
        }
        if (namespace.isPresent() && !namespace.get().matches(PATH)) {
            throw new IllegalArgumentException("namespace (expected: a path of A-Z a-z 0-9 _ -)");
        }
    }

    /** The address of a call. */
    URI call(String path) {
        return address.resolve("/v1/" + mount + "/" + path);
    }
}
