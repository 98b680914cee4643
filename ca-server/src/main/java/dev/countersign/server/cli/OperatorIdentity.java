package dev.countersign.server.cli;

import dev.countersign.identity.MalformedIdentity;
import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.WellKnownIds;
import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@code countersign operator cert} leaves in a folder: a certificate, its key, and whom to
 * believe as the server.
 */
public final class OperatorIdentity {
    public static final String BOOTSTRAP = "bootstrap.json";

    private static final int URI_NAME = 6;

    private final ClientIdentity identity;
    private final BelievedServer server;

    private OperatorIdentity(ClientIdentity identity, BelievedServer server) {
        this.identity = identity;
        this.server = server;
    }

    /** Reads the folder; a certificate that is over is refused with what to do about it. */
    static OperatorIdentity read(Path folder, InstantSource clock) {
        ClientIdentity identity = ClientIdentity.read(folder);
        checkTime(identity.leaf(), clock.instant());
        return new OperatorIdentity(
                identity, BelievedServer.of(folder.resolve(BOOTSTRAP), Optional.empty(), clock));
    }

    /** Prepares; the first call connects. */
    ManagedChannel connect(String address) {
        return server.connect(address, Optional.of(identity));
    }

    private static void checkTime(X509Certificate leaf, Instant now) {
        Instant end = leaf.getNotAfter().toInstant();
        if (!now.isBefore(end)) {
            throw new CommandFailed(
                    "operator certificate: ended "
                            + Times.relative(end, now)
                            + " (expected: one in time; on the server's host: countersign operator"
                            + " cert --name "
                            + name(leaf)
                            + " --out DIR)");
        }
    }

    private static String name(X509Certificate leaf) {
        try {
            @Nullable Collection<List<?>> names = leaf.getSubjectAlternativeNames();
            for (List<?> name : names == null ? List.<List<?>>of() : names) {
                if (name.getFirst() instanceof Integer kind
                        && kind == URI_NAME
                        && name.getLast() instanceof String uri) {
                    return WellKnownIds.operatorName(SpiffeId.parse(uri)).orElse("NAME");
                }
            }
            return "NAME";
        } catch (CertificateParsingException | MalformedIdentity unreadable) {
            return "NAME";
        }
    }
}
