package dev.countersign.server.testing;

import com.google.protobuf.ByteString;
import com.google.rpc.RetryInfo;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.identity.WellKnownIds;
import dev.countersign.runtime.ConfigReader;
import dev.countersign.server.CaServer;
import dev.countersign.server.ServerConfigReader;
import dev.countersign.server.attestation.localissuer.IssuerKeyFile;
import dev.countersign.server.attestation.localissuer.LocalIssuer;
import dev.countersign.server.attestation.localissuer.TokenRequest;
import dev.countersign.server.attestation.serviceaccount.TokenForge;
import dev.countersign.trust.BundleKeeper;
import dev.countersign.trust.ExpectedPeer;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.wire.BootstrapFile;
import dev.countersign.wire.BundleCodec;
import dev.countersign.wire.v1.AdminServiceGrpc;
import dev.countersign.wire.v1.ErrorDetail;
import dev.countersign.wire.v1.IssuanceServiceGrpc;
import dev.countersign.wire.v1.IssueCertificateRequest;
import dev.countersign.wire.v1.IssueCertificateResponse;
import dev.countersign.wire.v1.ListLogEntriesRequest;
import dev.countersign.wire.v1.LogEntry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.protobuf.StatusProto;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A whole server in this JVM, with everything real: files, SQLite, TLS, the admin socket. Each has a
 * folder of its own, so as many run side by side as tests want.
 */
public final class RunningServer implements AutoCloseable {
    public static final TrustDomain TRUST_DOMAIN = new TrustDomain("mesh.example");

    /** Of the key files in {@code data/keys}. */
    public static final String PASSPHRASE = "a long enough passphrase for tests";

    private static final String DOMAIN = "trustDomain: ";
    private static final String POLICIES = "policies: ";

    private static final String CONFIG =
            """
            trustDomain: mesh.example
            listen: 127.0.0.1:0
            dataDirectory: FOLDER/data
            keys: {passphraseFile: FOLDER/passphrase, scryptN: 16384}
            ops: {listen: "127.0.0.1:0"}
            attestation:
              issuer: ISSUER
              jwks: {file: FOLDER/issuer.jwks.json}
            policies: {directory: FOLDER/policies}
            bootstrap: {file: FOLDER/bootstrap.txt}
            drain: 0s
            """;
    private static final Metadata.Key<ErrorDetail> ERROR =
            Metadata.Key.of(
                    "countersign-error-bin",
                    ProtoUtils.metadataMarshaller(ErrorDetail.getDefaultInstance()));

    private final Path folder;
    private final InstantSource clock;
    private final LocalIssuer issuer;
    private final CaServer server;
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final EventLoopGroup adminLoop =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final BundleKeeper bundles;
    private final AdminServiceGrpc.AdminServiceBlockingStub admin;

    private RunningServer(Path folder, InstantSource clock, LocalIssuer issuer) throws Exception {
        this.folder = folder;
        this.clock = clock;
        this.issuer = issuer;
        this.server =
                CaServer.start(
                        ServerConfigReader.read(ConfigReader.load(configFile(folder), Map.of())),
                        clock,
                        new SecureRandom());
        this.bundles =
                new BundleKeeper(
                        BootstrapFile.parse(Files.readString(bootstrapFile())),
                        clock,
                        BundleCodec::decode);
        this.admin = AdminServiceGrpc.newBlockingStub(adminChannel());
    }

    /** Starts one; {@code more} is YAML that is added to the configuration. */
    public static RunningServer start(Path folder, InstantSource clock, String... more)
            throws Exception {
        LocalIssuer issuer = prepare(folder, clock, more);
        return new RunningServer(folder, clock, issuer);
    }

    /** Writes everything that a server in this folder needs, and starts none. */
    public static LocalIssuer prepare(Path folder, InstantSource clock, String... more)
            throws IOException {
        IssuerKeyFile keyFile = new IssuerKeyFile(folder.resolve("issuer.jwk"));
        LocalIssuer issuer = keyFile.openOrCreate(IssuerKeyFile.Kind.ES256, clock);
        // The forge's key too: what it signs is refused for its content, not its key.
        String both =
                issuer.jwks()
                        .replaceFirst(
                                "]}$",
                                ","
                                        + TokenForge.jwks(TokenForge.RSA)
                                                .replaceFirst("^\\{\"keys\":\\[", ""));
        Files.writeString(keyFile.jwksFile(), both);
        Files.createDirectories(folder.resolve("policies"));
        Path passphrase = folder.resolve("passphrase");
        Files.writeString(passphrase, PASSPHRASE + "\n");
        Files.setPosixFilePermissions(passphrase, PosixFilePermissions.fromString("rw-------"));
        // Another trust domain than the usual one takes its place; so do other attestation and
        // keys.
        boolean other = Stream.of(more).anyMatch(line -> line.startsWith(DOMAIN));
        boolean attested = Stream.of(more).anyMatch(line -> line.startsWith("attestation:"));
        boolean policies = Stream.of(more).anyMatch(line -> line.startsWith(POLICIES));
        String domain = other ? CONFIG.replaceFirst(DOMAIN + ".*\n", "") : CONFIG;
        String source = policies ? domain.replaceFirst(POLICIES + ".*\n", "") : domain;
        String tokens = attested ? source.replaceFirst("attestation:\n(  .*\n)+", "") : source;
        boolean kept = Stream.of(more).anyMatch(line -> line.startsWith("keys:"));
        String config = kept ? tokens.replaceFirst("keys: .*\n", "") : tokens;
        Files.writeString(
                configFile(folder),
                config.replace("FOLDER", folder.toString()).replace("ISSUER", TokenForge.ISSUER)
                        + String.join("\n", more)
                        + "\n");
        return issuer;
    }

    public static Path configFile(Path folder) {
        return folder.resolve("server.yaml");
    }

    public CaServer server() {
        return server;
    }

    public Path folder() {
        return folder;
    }

    public Path bootstrapFile() {
        return folder.resolve("bootstrap.txt");
    }

    public Path adminSocket() {
        return folder.resolve("data/admin.sock");
    }

    public String address() {
        return "127.0.0.1:" + server.port();
    }

    /** Whose server this is: {@link #TRUST_DOMAIN} unless its configuration says otherwise. */
    public TrustDomain trustDomain() {
        return bundles.current().trustDomain();
    }

    /** What an agent of this mesh holds; it learns from every answer. */
    public BundleKeeper bundles() {
        return bundles;
    }

    public SvidVerifier verifier() {
        return new SvidVerifier(bundles, clock);
    }

    public static SpiffeId id(String namespace, String account) {
        return SpiffeId.of(TRUST_DOMAIN, new ServiceAccountName(namespace, account));
    }

    /** A good token of the pod. */
    public String token(String namespace, String account, String pod) {
        TokenRequest standard = TokenRequest.of(new ServiceAccountName(namespace, account), pod);
        return issuer.mint(
                        new TokenRequest(
                                TokenForge.ISSUER,
                                standard.account(),
                                standard.accountUid(),
                                standard.podName(),
                                standard.podUid(),
                                standard.node(),
                                standard.audiences(),
                                standard.life()))
                .reveal();
    }

    /** A connection without a client certificate to the CA it expects. */
    public ManagedChannel connect() {
        return connect(Optional.empty(), WellKnownIds.caServer(trustDomain()));
    }

    /** A connection with the workload's certificate. */
    public ManagedChannel connect(Svid svid) {
        return connect(Optional.of(svid), WellKnownIds.caServer(trustDomain()));
    }

    public ManagedChannel connect(Optional<Svid> svid, SpiffeId expectedServer) {
        try {
            SslContextBuilder tls =
                    GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.OPENSSL)
                            .protocols("TLSv1.3")
                            .trustManager(new ExpectedPeer(verifier(), expectedServer));
            svid.ifPresent(mine ->
                    tls.keyManager(
                            mine.keys().getPrivate(),
                            mine.chain().toArray(X509Certificate[]::new)));
            ManagedChannel channel =
                    NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                            .sslContext(tls.build())
                            .build();
            channels.add(channel);
            return channel;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One call of IssueCertificate. */
    public static IssueCertificateResponse issue(ManagedChannel channel, String token, byte[] csr) {
        return IssuanceServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .issueCertificate(
                        IssueCertificateRequest.newBuilder()
                                .setProtocolVersion(1)
                                .setToken(token)
                                .setCsr(ByteString.copyFrom(csr))
                                .build());
    }

    /** A first certificate of a pod, believed. */
    public Svid svid(String namespace, String account, String pod) {
        KeyPair keys = Csrs.p256();
        return svid(keys, issue(connect(), token(namespace, account, pod), Csrs.of(keys)));
    }

    /** Believes an answer as an agent does. */
    public Svid svid(KeyPair keys, IssueCertificateResponse answer) {
        try {
            bundles.offer(BundleCodec.fromMessage(answer.getBundle()));
            return svid(keys, answer.getCertificateChainList());
        } catch (CertificateException e) {
            throw new AssertionError("the answer is not believed", e);
        }
    }

    /** Believes a chain, leaf first, DER. */
    public Svid svid(KeyPair keys, List<ByteString> chain) {
        try {
            List<X509Certificate> certificates = chain(chain);
            return new Svid(keys, certificates, verifier().verify(certificates));
        } catch (CertificateException e) {
            throw new AssertionError("the chain is not believed", e);
        }
    }

    public AdminServiceGrpc.AdminServiceBlockingStub admin() {
        return admin.withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    /** The newest thousand entries of the log of one type, newest first; empty = of all types. */
    public List<LogEntry> log(String type) {
        return admin().listLogEntries(
                        ListLogEntriesRequest.newBuilder().setType(type).setPageSize(1000).build())
                .getEntriesList();
    }

    /** What a refusal says to its caller. */
    public static Refusal refusal(StatusRuntimeException refused) {
        ErrorDetail detail = detail(refused);
        com.google.rpc.Status status = StatusProto.fromThrowable(refused);
        boolean retryInfo =
                status != null
                        && status.getDetailsList().stream().anyMatch(d -> d.is(RetryInfo.class));
        return new Refusal(
                refused.getStatus().getCode(), detail.getReason(), detail.getMessage(), retryInfo);
    }

    /** Closes connections and the server; the folder stays, for another start. */
    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        adminLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        server.close();
    }

    private static ErrorDetail detail(StatusRuntimeException refused) {
        Metadata trailers = refused.getTrailers();
        ErrorDetail detail = trailers == null ? null : trailers.get(ERROR);
        return detail == null ? ErrorDetail.getDefaultInstance() : detail;
    }

    private static List<X509Certificate> chain(List<ByteString> encoded)
            throws CertificateException {
        List<X509Certificate> chain = new ArrayList<>();
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        for (ByteString der : encoded) {
            chain.add(
                    (X509Certificate)
                            factory.generateCertificate(
                                    new ByteArrayInputStream(der.toByteArray())));
        }
        return chain;
    }

    private ManagedChannel adminChannel() {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress(new DomainSocketAddress(adminSocket().toFile()))
                        .eventLoopGroup(adminLoop)
                        .channelType(EpollDomainSocketChannel.class)
                        .overrideAuthority("admin.countersign")
                        .usePlaintext()
                        .maxInboundMessageSize(16 * 1024 * 1024)
                        .build();
        channels.add(channel);
        return channel;
    }

    /** A refusal as its caller sees it. */
    public record Refusal(Status.Code code, String reason, String message, boolean retryInfo) {}
}
