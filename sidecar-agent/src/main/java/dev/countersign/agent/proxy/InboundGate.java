package dev.countersign.agent.proxy;

import dev.countersign.agent.authorization.Authorizer;
import dev.countersign.agent.authorization.Denied;
import dev.countersign.agent.authorization.Permit;
import dev.countersign.agent.proxy.http.HttpRefusal;
import dev.countersign.agent.proxy.http.HttpRefused;
import dev.countersign.agent.proxy.http.RequestGate;
import dev.countersign.agent.proxy.http.RequestHead;
import dev.countersign.policy.NormalizedPath;
import dev.countersign.policy.PathNormalizer;
import dev.countersign.policy.Request;
import dev.countersign.trust.VerifiedPeer;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Asks the authorizer about every request of one peer's connection. */
final class InboundGate implements RequestGate {
    private final Authorizer authorizer;
    private final Optional<VerifiedPeer> peer;
    private final Request connection;
    private final Supplier<PathNormalizer.Mode> normalisation;
    private final byte[] added;

    /**
     * @param connection what is known before any request: peer, addresses, port
     * @param normalisation of the mesh, as of now
     */
    InboundGate(
            Authorizer authorizer,
            Optional<VerifiedPeer> peer,
            Request connection,
            Supplier<PathNormalizer.Mode> normalisation,
            byte[] added) {
        this.authorizer = authorizer;
        this.peer = peer;
        this.connection = connection;
        this.normalisation = normalisation;
        this.added = added;
    }

    @Override
    public void normalise(RequestHead head) throws HttpRefused {
        PathNormalizer.Mode mode = normalisation.get();
        if (PathNormalizer.isNormal(mode, head.path())) {
            return;
        }
        switch (PathNormalizer.normalize(mode, head.path())) {
            case NormalizedPath.Ok ok -> head.usePath(ok.path());
            case NormalizedPath.Refused refused ->
                    throw new HttpRefused(HttpRefusal.BAD_PATH, "path: " + refused);
        }
    }

    @Override
    public @Nullable String deny(RequestHead head) {
        Request request =
                connection
                        .httpOnThisConnection()
                        .method(head.method())
                        .host(head.host())
                        .path(head.path())
                        .headers(head::field)
                        .build();
        return switch (authorizer.decide(peer, request)) {
            case Permit permit -> null;
            case Denied denied -> denied.id();
        };
    }

    @Override
    public TunnelCheck tunnel(RequestHead head) {
        Request.Builder builder =
                connection
                        .httpOnThisConnection()
                        .method(head.method())
                        .host(head.host())
                        .path(head.path());
        head.forEachField(builder::header);
        Request request = builder.build();
        return () -> authorizer.stillAllowed(peer, request);
    }

    @Override
    public byte[] addedFields() {
        return added;
    }
}
