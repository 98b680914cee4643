package dev.countersign.server.cli.token;

import dev.countersign.server.attestation.localissuer.IssuerKeyFile;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Mix-in: {@code --issuer-key}. */
final class IssuerKeyOption {
    @Option(
            names = "--issuer-key",
            paramLabel = "FILE",
            description = {
                "The issuer's private key, mode 0600, with its JWKS beside it",
                "(default: $XDG_STATE_HOME/countersign/local-issuer/issuer.jwk)."
            })
    @Nullable Path given;

    Path path(TokenCommand parent) {
        return given == null ? parent.defaultIssuerKey() : given;
    }

    IssuerKeyFile file(TokenCommand parent) {
        return new IssuerKeyFile(path(parent));
    }
}
