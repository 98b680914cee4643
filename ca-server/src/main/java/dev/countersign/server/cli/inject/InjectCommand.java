package dev.countersign.server.cli.inject;

import dev.countersign.identity.TrustDomain;
import dev.countersign.runtime.ConfigRefused;
import dev.countersign.server.admission.injection.InjectionRefused;
import dev.countersign.server.admission.injection.InjectionSettings;
import dev.countersign.server.admission.injection.InjectionSettings.Mode;
import dev.countersign.server.admission.injection.InjectionSettings.Resources;
import dev.countersign.server.admission.injection.Injector;
import dev.countersign.server.admission.injection.NamespaceFacts;
import dev.countersign.server.cli.CommandFailed;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code countersign inject -f FILE}. */
@Command(
        name = "inject",
        description = {
            "Puts an agent beside the containers of every pod in a file, as the webhook does.",
            "Prints the result; asks no server. Pods and templates that opt out stay as they are."
        },
        footer = {
            "",
            "  countersign inject -f shop.yaml --config server.yaml | kubectl apply -f -",
            "",
            "Exit codes: 0 printed, 1 a pod cannot have an agent (nothing is printed), 2 usage."
        })
public final class InjectCommand implements Callable<Integer> {
    /** Reads how pods are injected from a server's configuration; the wiring knows how. */
    @FunctionalInterface
    public interface Settings {
        Optional<InjectionSettings> read(Path file) throws ConfigRefused;
    }

    private final Settings settings;
    private final String version;

    @Option(
            names = {"-f", "--filename"},
            required = true,
            paramLabel = "FILE",
            description = "YAML or JSON, one object or many; - is the standard input.")
    private String file = "-";

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The server's configuration: its injection section is used.")
    private @Nullable Path config;

    @Option(names = "--image", description = "Without --config: the agent's image.")
    private @Nullable String image;

    @Option(
            names = "--ca",
            paramLabel = "HOST:PORT",
            description = "Without --config: the server, as pods reach it.")
    private @Nullable String ca;

    @Option(
            names = "--trust-domain",
            paramLabel = "NAME",
            description = "Without --config: the mesh's.")
    private @Nullable String trustDomain;

    @Option(
            names = "--ordinary",
            description =
                    "The agent is an ordinary container: for Kubernetes before 1.29, which drops"
                            + " what makes a native sidecar without a word.")
    private boolean ordinary;

    @Option(
            names = "--only-marked",
            description = "Only pods that opt in themselves (default: all that do not opt out).")
    private boolean onlyMarked;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /**
     * @param version of this program, written on each pod
     */
    public InjectCommand(Settings settings, String version) {
        this.settings = settings;
        this.version = version;
    }

    @Override
    public Integer call() {
        InjectionSettings read = settings();
        Injector injector = new Injector(ordinary ? read.withNativeSidecars(false) : read);
        Manifests manifests =
                new Manifests(
                        injector,
                        new NamespaceFacts("", onlyMarked ? Optional.empty() : Optional.of(true)));
        try {
            String injected = manifests.inject(bytes());
            PrintWriter out = spec.commandLine().getOut();
            out.print(injected);
            out.flush();
            tell(manifests);
            return 0;
        } catch (IOException unreadable) {
            throw new CommandFailed(file + ": " + unreadable.getMessage(), unreadable);
        } catch (InjectionRefused refused) {
            throw new CommandFailed(
                    refused.reason() + ": " + file + ": " + refused.getMessage(), refused);
        }
    }

    private void tell(Manifests manifests) {
        PrintWriter err = spec.commandLine().getErr();
        manifests.notes().forEach(err::println);
        err.flush();
    }

    private InjectionSettings settings() {
        if (config != null) {
            try {
                return settings.read(config)
                        .orElseThrow(() ->
                                new CommandFailed(
                                        config
                                                + ": no injection section (expected: image and"
                                                + " caAddress)"));
            } catch (ConfigRefused refused) {
                throw new CommandFailed(String.valueOf(refused.getMessage()), refused);
            }
        }
        if (image == null || ca == null || trustDomain == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected: --config FILE, or --image, --ca and --trust-domain");
        }
        try {
            return of(image, ca, TrustDomain.parse(trustDomain));
        } catch (IllegalArgumentException malformed) {
            throw new ParameterException(
                    spec.commandLine(), String.valueOf(malformed.getMessage()), malformed);
        }
    }

    private InjectionSettings of(String agentImage, String address, TrustDomain domain) {
        return new InjectionSettings(
                version,
                agentImage,
                "IfNotPresent",
                domain,
                address,
                "countersign",
                Duration.ofHours(1),
                "countersign-trust",
                "bootstrap.json",
                Mode.REDIRECT,
                true,
                false,
                true,
                1337,
                "info",
                Resources.STANDARD);
    }

    private byte[] bytes() throws IOException {
        try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
            byte[] bytes = in.readNBytes(Manifests.MAX_BYTES + 1);
            if (bytes.length > Manifests.MAX_BYTES) {
                throw new IOException("over 16 MiB (expected: at most 16 MiB)");
            }
            return bytes;
        }
    }
}
