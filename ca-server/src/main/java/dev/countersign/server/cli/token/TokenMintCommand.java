package dev.countersign.server.cli.token;

import dev.countersign.identity.ServiceAccountName;
import dev.countersign.runtime.AtomicFiles;
import dev.countersign.runtime.Durations;
import dev.countersign.server.attestation.BearerToken;
import dev.countersign.server.attestation.localissuer.IssuerKeyFile;
import dev.countersign.server.attestation.localissuer.LocalIssuer;
import dev.countersign.server.attestation.localissuer.TokenRequest;
import dev.countersign.server.cli.DurationConverter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code countersign token mint}. */
@Command(
        name = "mint",
        mixinStandardHelpOptions = true,
        description = {
            "Mints a token of the shape that Kubernetes projects into pods, for development.",
            "The issuer's key is made on first use; give the server the JWKS beside it."
        },
        footer = {"", "Whoever can read the issuer's key can be any workload."})
@SuppressWarnings("NullAway.Init") // picocli sets what is required
final class TokenMintCommand implements Callable<Integer> {
    @Option(
            names = {"-n", "--namespace"},
            required = true,
            paramLabel = "NAME",
            description = "Namespace of the pod.")
    String namespace;

    @Option(
            names = "--service-account",
            required = true,
            paramLabel = "NAME",
            description = "Service account of the pod.")
    String serviceAccount;

    @Option(
            names = "--pod",
            required = true,
            paramLabel = "NAME",
            description = "Pod that the token is bound to.")
    String pod;

    @Option(
            names = "--pod-uid",
            paramLabel = "UID",
            description = "Its UID (default: made from its name, always the same).")
    @Nullable String podUid;

    @Option(
            names = "--service-account-uid",
            paramLabel = "UID",
            description = "The account's UID (default: made from its name, always the same).")
    @Nullable String accountUid;

    @Option(
            names = "--node",
            paramLabel = "NAME",
            description = "Node that the pod runs on (default: none).")
    @Nullable String node;

    @Option(
            names = "--audience",
            paramLabel = "NAME",
            defaultValue = "countersign",
            description = "Who the token is for; may be repeated (default: ${DEFAULT-VALUE}).")
    List<String> audiences;

    @Option(
            names = "--life",
            paramLabel = "DURATION",
            defaultValue = "1h",
            converter = DurationConverter.class,
            description = "How long it is good for, 10s to 2d (default: ${DEFAULT-VALUE}).")
    Duration life;

    @Option(
            names = "--issuer",
            paramLabel = "URL",
            defaultValue = LocalIssuer.DEFAULT_ISSUER,
            description = "Its iss claim (default: ${DEFAULT-VALUE}).")
    String issuer;

    @Option(
            names = "--algorithm",
            defaultValue = "RS256",
            description =
                    "Of a key that is made now: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    IssuerKeyFile.Kind algorithm;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write the token here, mode 0600, instead of printing it.")
    @Nullable Path out;

    @Mixin IssuerKeyOption issuerKey = new IssuerKeyOption();
    @ParentCommand TokenCommand parent;
    @Spec CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        TokenRequest request = request();
        IssuerKeyFile file = issuerKey.file(parent);
        boolean first = !Files.exists(issuerKey.path(parent));
        LocalIssuer localIssuer = file.openOrCreate(algorithm, parent.clock());
        if (first) {
            err().println("made issuer key " + issuerKey.path(parent) + " (mode 0600)");
            err().println(
                            "let the server believe it:  issuer "
                                    + issuer
                                    + ", jwks "
                                    + file.jwksFile());
        }
        deliver(request, localIssuer.mint(request));
        return 0;
    }

    private TokenRequest request() {
        try {
            ServiceAccountName account = new ServiceAccountName(namespace, serviceAccount);
            return new TokenRequest(
                    issuer,
                    account,
                    accountUid == null ? TokenRequest.accountUid(account) : accountUid,
                    pod,
                    podUid == null ? TokenRequest.podUid(namespace, pod) : podUid,
                    Optional.ofNullable(node),
                    audiences,
                    life);
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(
                    spec.commandLine(), String.valueOf(wrong.getMessage()), wrong);
        }
    }

    private void deliver(TokenRequest request, BearerToken token) throws IOException {
        PrintWriter output = spec.commandLine().getOut();
        if (out == null) {
            output.println(token.reveal());
        } else {
            AtomicFiles.writeSecret(out, token.reveal().getBytes(StandardCharsets.US_ASCII));
            output.println(
                    "minted "
                            + out
                            + ": "
                            + request.account()
                            + " pod "
                            + request.podName()
                            + ", audience "
                            + String.join(" ", request.audiences())
                            + ", good for "
                            + Durations.text(request.life()));
        }
        output.flush();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
