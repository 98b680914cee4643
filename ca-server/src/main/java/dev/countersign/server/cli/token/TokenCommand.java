package dev.countersign.server.cli.token;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code countersign token}. */
@Command(
        name = "token",
        description = "Service-account tokens: mint them for development, see what they say.",
        subcommands = {TokenMintCommand.class, TokenJwksCommand.class, TokenInspectCommand.class})
public final class TokenCommand {
    private final InstantSource clock;
    private final Map<String, String> environment;

    public TokenCommand() {
        this(InstantSource.system(), System.getenv());
    }

    TokenCommand(InstantSource clock, Map<String, String> environment) {
        this.clock = clock;
        this.environment = environment;
    }

    InstantSource clock() {
        return clock;
    }

    /** Where the issuer's key is unless a file is named: below {@code $XDG_STATE_HOME}. */
    Path defaultIssuerKey() {
        String state =
                environment.getOrDefault(
                        "XDG_STATE_HOME", environment.getOrDefault("HOME", ".") + "/.local/state");
        return Path.of(state, "countersign", "local-issuer", "issuer.jwk");
    }
}
