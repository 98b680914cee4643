package dev.countersign.policy.cases;

import dev.countersign.policy.NormalizedPath;
import dev.countersign.policy.PathNormalizer;
import dev.countersign.policy.Request;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The request of a case: everything but its path, which is raw and meets the mesh's normalisation
 * as it would in a proxy.
 *
 * @param rawPath target as the client sent it, or null
 */
public record CaseRequest(Request.Builder attributes, @Nullable String rawPath) {

    /** The request as policies see it, or why a proxy answers 400 instead. */
    Outcome normalized(PathNormalizer.Mode mode) {
        if (rawPath == null) {
            return new Outcome.Ready(attributes.path(null).build());
        }
        return switch (PathNormalizer.normalize(mode, rawPath)) {
            case NormalizedPath.Ok ok -> new Outcome.Ready(attributes.path(ok.path()).build());
            case NormalizedPath.Refused refused -> new Outcome.BadRequest(refused);
        };
    }

    /** In one line, with the path as the client sent it. */
    public String describe() {
        Request request = attributes.path(null).build();
        String caller = Objects.requireNonNullElse(request.sourcePrincipal(), "(no identity)");
        return request.isHttp()
                ? caller
                        + " -> :"
                        + request.port()
                        + " "
                        + request.method()
                        + " "
                        + Objects.requireNonNullElse(request.host(), "")
                        + Objects.requireNonNullElse(rawPath, "")
                : caller + " -> tcp :" + request.port();
    }

    /** What the path came to. */
    sealed interface Outcome {
        /** Can be decided. */
        record Ready(Request request) implements Outcome {}

        /** Is refused before any policy. */
        record BadRequest(NormalizedPath.Refused reason) implements Outcome {}
    }
}
