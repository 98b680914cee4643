package dev.countersign.server.cli;

import dev.countersign.runtime.ConfigReader;
import dev.countersign.runtime.ConfigRefused;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A cluster's token to show a server: from a file, or of a kubeconfig's user. Secret. */
final class KubeToken {
    private static final int MAX_BYTES = 16 * 1024;
    private static final String MAKE_ONE =
            "make one: kubectl create token NAME --audience countersign-admin > FILE, and"
                    + " --kube-token FILE";

    private final String text;

    private KubeToken(String text) {
        this.text = text;
    }

    /** The token itself: for the header of a call only. */
    String reveal() {
        return text;
    }

    @Override
    public String toString() {
        return "KubeToken[hidden]";
    }

    /** The content of a file. */
    static KubeToken file(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new CommandFailed(
                        file + ": too large (expected: a token, <= " + MAX_BYTES + " bytes)");
            }
            return checked(new String(bytes, StandardCharsets.ISO_8859_1).strip(), file.toString());
        } catch (IOException unreadable) {
            throw new CommandFailed(
                    file + ": cannot be read (expected: a cluster's token; " + MAKE_ONE + ")",
                    unreadable);
        }
    }

    /**
     * Of the user of a context.
     *
     * @param context empty = the current one
     */
    static KubeToken kubeconfig(Path file, Optional<String> context) {
        ConfigReader reader;
        try {
            reader = ConfigReader.load(file, Map.of());
        } catch (ConfigRefused unreadable) {
            throw new CommandFailed(String.valueOf(unreadable.getMessage()), unreadable);
        }
        String wanted = context.orElseGet(() -> reader.string("current-context").orDefault(""));
        String user =
                reader
                        .list(
                                "contexts",
                                entry ->
                                        Map.entry(
                                                entry.string("name").orDefault(""),
                                                entry.string("context.user").orDefault("")))
                        .stream()
                        .filter(one -> one.getKey().equals(wanted))
                        .map(Map.Entry::getValue)
                        .findFirst()
                        .orElseThrow(() ->
                                new CommandFailed(
                                        file
                                                + ": context \""
                                                + wanted
                                                + "\" (expected: one of its contexts; name it with"
                                                + " --context)"));
        List<User> users =
                reader.list(
                        "users",
                        entry ->
                                new User(
                                        entry.string("name").orDefault(""),
                                        entry.string("user.token").optional(),
                                        entry.path("user.tokenFile").optional()));
        return users.stream()
                .filter(one -> one.name().equals(user))
                .findFirst()
                .flatMap(one ->
                        one.token()
                                .map(text -> checked(text, file.toString()))
                                .or(() -> one.tokenFile().map(KubeToken::file)))
                .orElseThrow(() ->
                        new CommandFailed(
                                file
                                        + ": user \""
                                        + user
                                        + "\" has no token (expected: token or tokenFile; a client"
                                        + " certificate or a plugin is for the API server alone; "
                                        + MAKE_ONE
                                        + ")"));
    }

    private static KubeToken checked(String text, String from) {
        boolean plain = !text.isEmpty() && text.chars().allMatch(c -> c > 0x20 && c < 0x7f);
        if (!plain) {
            throw new CommandFailed(from + ": not a token (expected: one line; " + MAKE_ONE + ")");
        }
        return new KubeToken(text);
    }

    private record User(String name, Optional<String> token, Optional<Path> tokenFile) {
        @Override
        public String toString() {
            return "User[" + name + "]";
        }
    }
}
