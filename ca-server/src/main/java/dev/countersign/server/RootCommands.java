package dev.countersign.server;

import dev.countersign.runtime.Closer;
import dev.countersign.runtime.ConfigReader;
import dev.countersign.server.authority.AuthoritySettings;
import dev.countersign.server.authority.IssuerRequests;
import dev.countersign.server.authority.RootImport;
import dev.countersign.server.authority.RootImport.Requested;
import dev.countersign.server.authority.approval.ApprovalDesk;
import dev.countersign.server.authority.approval.Approvals;
import dev.countersign.server.authority.ceremony.BroughtKey;
import dev.countersign.server.authority.ceremony.ImportRefused;
import dev.countersign.server.cli.root.LocalCeremonies;
import dev.countersign.server.rpc.ImportDesk;
import dev.countersign.server.store.Store;
import dev.countersign.wire.v1.ImportRootRequest;
import dev.countersign.wire.v1.ImportRootResponse;
import dev.countersign.wire.v1.RequestIssuerResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;

/** Ceremonies around roots on the server's host, by its configuration, while no server runs. */
final class RootCommands implements LocalCeremonies {
    private static final String BY = "server-host";

    private final InstantSource clock;
    private final SecureRandom random;

    RootCommands(InstantSource clock, SecureRandom random) {
        this.clock = clock;
        this.random = random;
    }

    @FunctionalInterface
    private interface Ceremony<T> {
        T hold(RootImport imports) throws Exception;
    }

    @Override
    public ImportRootResponse init(Path config) throws Exception {
        return with(config, imports -> ImportDesk.message(imports.init(clock.instant())));
    }

    @Override
    public RequestIssuerResponse request(Path config) throws Exception {
        return with(
                config,
                imports -> {
                    Requested made = imports.request(clock.instant());
                    return RequestIssuerResponse.newBuilder()
                            .setCsr(ImportDesk.pem(made.request()))
                            .setKeyName(made.keyName())
                            .setSubject(made.subject())
                            .setLifeSeconds(made.life().toSeconds())
                            .build();
                });
    }

    @Override
    public ImportRootResponse take(Path config, ImportRootRequest request) throws Exception {
        return with(
                config,
                imports ->
                        ImportDesk.message(
                                request.hasPkcs12()
                                        ? imports.withKey(opened(request), BY, clock.instant())
                                        : imports.chain(request.getChain(), BY, clock.instant())));
    }

    /** What the server itself makes of its configuration. */
    static AuthoritySettings settings(ServerConfig config) {
        return AuthoritySettings.defaults(config.trustDomain())
                .constrainingNames(config.authority().nameConstraints())
                .importingRoots(config.authority().imported())
                .withLease(config.rotation().lease());
    }

    private <T> T with(Path file, Ceremony<T> ceremony) throws Exception {
        ServerConfig config = ServerConfigReader.read(ConfigReader.load(file, System.getenv()));
        dev.countersign.runtime.AtomicFiles.createPrivateDirectory(config.dataDirectory());
        byte[] name = new byte[8];
        random.nextBytes(name);
        Closer closer = new Closer();
        try {
            Store store =
                    closer.register(
                            Store.open(config.store(), clock, HexFormat.of().formatHex(name)));
            return ceremony.hold(
                    new RootImport(
                            new RootImport.Parts(
                                    settings(config),
                                    config.authority().issuerLife(),
                                    Catalog.keyVaultAlone(config, random, closer),
                                    store.authorityJournal(),
                                    store.auditTrail(),
                                    IssuerRequests.logged(store.auditLog()),
                                    approvals(config, store)),
                            random));
        } finally {
            closer.close();
        }
    }

    private Approvals approvals(ServerConfig config, Store store) {
        return config.approvals()
                .<Approvals>map(rules ->
                        new ApprovalDesk(
                                rules,
                                config.trustDomain(),
                                store.approvals(),
                                store.auditTrail(),
                                clock,
                                random))
                .orElseGet(Approvals::notConfigured);
    }

    private static BroughtKey opened(ImportRootRequest request) throws ImportRefused {
        char[] passphrase = request.getPkcs12().getPassphrase().toCharArray();
        try {
            return BroughtKey.read(request.getPkcs12().getFile().toByteArray(), passphrase);
        } finally {
            Arrays.fill(passphrase, '\0');
        }
    }
}
