package dev.countersign.policy.analysis;

import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.analysis.Reachability.Question;
import dev.countersign.policy.analysis.text.Language;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a person writes for those who call. */
public final class Callers {

    private static final String SCHEME = "spiffe://";

    private Callers() {}

    /**
     * A question about what these callers may ask.
     *
     * @param written {@code namespace/account}, {@code namespace/*}, a SPIFFE ID, {@code nobody} for
     *     plaintext, {@code *} for any identity; null: everybody
     * @return empty if it is none of these
     */
    public static Optional<Question> question(
            MeshSettings mesh,
            Space space,
            @Nullable String written,
            @Nullable Integer port,
            @Nullable String method,
            @Nullable String path) {
        if (written == null) {
            return Optional.of(new Question(null, true, port, method, path));
        }
        if (written.equals("nobody")) {
            return Optional.of(new Question(space.automata().nothing(), true, port, method, path));
        }
        return identities(mesh, space, written)
                .map(callers -> new Question(callers, false, port, method, path));
    }

    private static Optional<Language> identities(MeshSettings mesh, Space space, String written) {
        if (written.equals("*")) {
            return Optional.of(space.identities());
        }
        if (written.startsWith(SCHEME)) {
            return inhabited(space, written.substring(SCHEME.length()));
        }
        int slash = written.indexOf('/');
        if (slash <= 0 || slash != written.lastIndexOf('/') || slash == written.length() - 1) {
            return Optional.empty();
        }
        String namespace = written.substring(0, slash);
        String account = written.substring(slash + 1);
        if (account.equals("*")) {
            return Optional.of(
                    new WrittenTexts(space.automata())
                            .namespaceIn(List.of(mesh.trustDomain()), namespace)
                            .and(space.identities()));
        }
        return inhabited(space, mesh.trustDomain() + "/ns/" + namespace + "/sa/" + account);
    }

    private static Optional<Language> inhabited(Space space, String identity) {
        Language one = space.automata().of(List.of(identity));
        return one.isWithin(space.identities()) ? Optional.of(one) : Optional.empty();
    }
}
