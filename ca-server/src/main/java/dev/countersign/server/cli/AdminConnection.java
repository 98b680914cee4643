package dev.countersign.server.cli;

import dev.countersign.wire.v1.AdminServiceGrpc;
import dev.countersign.wire.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Mix-in: which server's admin service to ask, and one call to it. By {@code --admin SOCKET} on the
 * server's host, or from anywhere by {@code --server ADDR} with an operator's certificate or a token
 * of the cluster's.
 */
public final class AdminConnection {
    /** Where a server run from this folder with an empty configuration listens. */
    public static final String DEFAULT_SOCKET = "countersign-data/admin.sock";

    static final String ADMIN_VARIABLE = "COUNTERSIGN_ADMIN";
    static final String SERVER_VARIABLE = "COUNTERSIGN_SERVER";
    static final String OPERATOR_VARIABLE = "COUNTERSIGN_OPERATOR";
    static final String KUBE_TOKEN_VARIABLE = "COUNTERSIGN_KUBE_TOKEN";
    static final String BOOTSTRAP_VARIABLE = "COUNTERSIGN_BOOTSTRAP";

    private static final long DEADLINE_SECONDS = 30;
    private static final long VERIFY_DEADLINE_SECONDS = 3600;

    @Option(
            names = "--admin",
            paramLabel = "SOCKET",
            description =
                    "Admin socket of the server (default: "
                            + ADMIN_VARIABLE
                            + ", else "
                            + DEFAULT_SOCKET
                            + ").")
    @Nullable Path socket;

    @Option(
            names = "--server",
            paramLabel = "ADDR",
            description =
                    "host:port of the server, over the network, instead of its socket (default: "
                            + SERVER_VARIABLE
                            + ").")
    @Nullable String server;

    @Option(
            names = "--operator",
            paramLabel = "DIR",
            description =
                    "With --server: what `countersign operator cert` wrote (default: "
                            + OPERATOR_VARIABLE
                            + ").")
    @Nullable Path operator;

    @Option(
            names = "--kube-token",
            paramLabel = "FILE",
            description =
                    "With --server and --bootstrap: a token of the cluster's instead of an"
                            + " operator's certificate; its RBAC decides (default: "
                            + KUBE_TOKEN_VARIABLE
                            + ").")
    @Nullable Path kubeToken;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "As --kube-token: the token of this kubeconfig's user.")
    @Nullable Path kubeconfig;

    @Option(
            names = "--context",
            paramLabel = "NAME",
            description = "With --kubeconfig: one of its contexts (default: its current one).")
    @Nullable String context;

    @Option(
            names = "--bootstrap",
            paramLabel = "FILE",
            description =
                    "With a cluster's token: whom to believe as the server, bootstrap.json of"
                            + " ConfigMap countersign-trust (default: "
                            + BOOTSTRAP_VARIABLE
                            + ").")
    @Nullable Path bootstrap;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec mixee;

    private final Map<String, String> environment;
    private final InstantSource clock = InstantSource.system();

    public AdminConnection() {
        this(System.getenv());
    }

    AdminConnection(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Connects, calls, disconnects. */
    public <T> T call(Function<AdminServiceBlockingStub, T> question) {
        return call(question, DEADLINE_SECONDS);
    }

    /** As {@link #call}, for work that takes long. */
    public <T> T callLong(Function<AdminServiceBlockingStub, T> question) {
        return call(question, VERIFY_DEADLINE_SECONDS);
    }

    private <T> T call(Function<AdminServiceBlockingStub, T> question, long seconds) {
        AdminDoor door = door();
        try (AdminDoor.Connection connection = door.open()) {
            return question.apply(stub(connection.channel(), seconds));
        } catch (StatusRuntimeException refused) {
            throw failed(door, refused);
        }
    }

    private static AdminServiceBlockingStub stub(ManagedChannel channel, long seconds) {
        return AdminServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(seconds, TimeUnit.SECONDS);
    }

    /** An option goes before a variable; two answers of one kind are a misuse, never a guess. */
    AdminDoor door() {
        if (socket != null && (server != null || operator != null)) {
            throw misused("--admin: given with --server or --operator (expected: one of the two)");
        }
        if (socket != null) {
            return new AdminDoor.Socket(socket);
        }
        Optional<String> address = Optional.ofNullable(server).or(() -> variable(SERVER_VARIABLE));
        if (address.isPresent()) {
            if (server == null && variable(ADMIN_VARIABLE).isPresent()) {
                throw misused(
                        ADMIN_VARIABLE
                                + " and "
                                + SERVER_VARIABLE
                                + ": both set (expected: one, or --admin or --server)");
            }
            return network(address.get());
        }
        if (kubeToken != null || kubeconfig != null) {
            throw misused(
                    "--kube-token, --kubeconfig: given without --server (expected: both, or "
                            + SERVER_VARIABLE
                            + ")");
        }
        if (operator != null) {
            throw misused(
                    "--operator: given without --server (expected: both, or "
                            + SERVER_VARIABLE
                            + ")");
        }
        return new AdminDoor.Socket(Path.of(variable(ADMIN_VARIABLE).orElse(DEFAULT_SOCKET)));
    }

    /** A certificate where a folder was named, else the cluster's token where there is one. */
    private AdminDoor network(String address) {
        Optional<KubeToken> token = operator == null ? token() : Optional.empty();
        return token.isPresent()
                ? new AdminDoor.Bearer(
                        address,
                        BelievedServer.of(bootstrapFile(), Optional.empty(), clock),
                        token.get())
                : new AdminDoor.Network(address, OperatorIdentity.read(operatorFolder(), clock));
    }

    private Optional<KubeToken> token() {
        if (kubeToken != null && kubeconfig != null) {
            throw misused("--kube-token and --kubeconfig: both given (expected: one)");
        }
        if (kubeconfig != null) {
            return Optional.of(KubeToken.kubeconfig(kubeconfig, Optional.ofNullable(context)));
        }
        boolean certificate = kubeToken == null && variable(OPERATOR_VARIABLE).isPresent();
        return certificate
                ? Optional.empty()
                : Optional.ofNullable(kubeToken)
                        .or(() -> variable(KUBE_TOKEN_VARIABLE).map(Path::of))
                        .map(KubeToken::file);
    }

    private Path bootstrapFile() {
        return Optional.ofNullable(bootstrap)
                .or(() -> variable(BOOTSTRAP_VARIABLE).map(Path::of))
                .orElseThrow(() ->
                        misused(
                                "--bootstrap: missing (expected: bootstrap.json of ConfigMap"
                                        + " countersign-trust, or "
                                        + BOOTSTRAP_VARIABLE
                                        + ")"));
    }

    private Path operatorFolder() {
        return Optional.ofNullable(operator)
                .or(() -> variable(OPERATOR_VARIABLE).map(Path::of))
                .orElseThrow(() ->
                        misused(
                                "--operator: missing (expected: the folder that `countersign"
                                        + " operator cert` wrote, or "
                                        + OPERATOR_VARIABLE
                                        + ")"));
    }

    private Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    private ParameterException misused(String message) {
        return new ParameterException(mixee.commandLine(), message);
    }

    private static CommandFailed failed(AdminDoor door, StatusRuntimeException refused) {
        String why = BelievedServer.why(refused);
        return new CommandFailed(
                refused.getStatus().getCode() == Status.Code.UNAVAILABLE
                        ? "server at " + door.address() + ": " + why
                        : why,
                refused);
    }
}
