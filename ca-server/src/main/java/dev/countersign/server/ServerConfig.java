package dev.countersign.server;

import ch.qos.logback.classic.Level;
import dev.countersign.feed.AgentSettings;
import dev.countersign.identity.TrustDomain;
import dev.countersign.runtime.Logging;
import dev.countersign.server.attestation.AttestationRules;
import dev.countersign.server.attestation.ConfiguredWorkloads;
import dev.countersign.server.attestation.serviceaccount.TokenSettings;
import dev.countersign.server.authority.approval.ApprovalRules;
import dev.countersign.server.distribution.ExportedService;
import dev.countersign.server.federation.FederationPeer;
import dev.countersign.server.issuance.IssuanceProfiles;
import dev.countersign.server.keys.pkcs11.Pkcs11Settings;
import dev.countersign.server.kubernetes.KubernetesSettings;
import dev.countersign.server.limits.CallerCaps;
import dev.countersign.server.limits.IssuanceBudgets;
import dev.countersign.server.operators.Operators;
import dev.countersign.server.store.StoreConfig;
import dev.countersign.server.x509.Scrypt;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The configuration of a server, checked. Read by {@link ServerConfigReader}.
 *
 * @param trustDomain everything it issues is of this one
 * @param listen workload port
 * @param ioThreads that read and write sockets
 * @param dataDirectory keys and the embedded database
 * @param keys where the authority's keys are
 * @param authority what stands above the intermediates
 * @param adminSocket unix socket of the CLI
 * @param operators who may use the admin service over the network, and for what
 * @param approvals who must approve steps that count; empty = nobody
 * @param ops health and metrics
 * @param log format and level
 * @param store where records are kept
 * @param tokens what is believed of a token
 * @param jwks where the issuer's keys are
 * @param kubernetes the cluster it works for; empty = none
 * @param admission webhooks; empty = none
 * @param injection how pods are injected; empty = they are not
 * @param localIssuer whether those keys are of the development issuer
 * @param attestationRules renewals and addresses
 * @param workloads labels and addresses, when there is no Kubernetes
 * @param profiles lives of certificates
 * @param limits what callers may cost
 * @param policyDirectory YAML files; empty = the API server, or no policy source without a cluster
 * @param istioPolicies whether policies of {@code security.istio.io} at the API server are read too
 * @param tokenKeys how the keys of {@code RequestAuthentication}s are fetched
 * @param allowOpen whether a workload's last ALLOW may be turned into DryRun
 * @param agents settings that agents get
 * @param directory destinations that agents get, without Kubernetes
 * @param directoryFile where they stand and are read again; empty = in the configuration
 * @param bootstrapFile written at start and after each bundle; empty = not
 * @param bundleEndpoint bundle and revocation list for outsiders; empty = none
 * @param federation other trust domains that are believed
 * @param rotation how roots are rotated when that is asked for
 * @param drain how long calls may go on after SIGTERM
 */
public record ServerConfig(
        TrustDomain trustDomain,
        InetSocketAddress listen,
        int ioThreads,
        Path dataDirectory,
        Keys keys,
        AuthorityConfig authority,
        Path adminSocket,
        Operators operators,
        Optional<ApprovalRules> approvals,
        InetSocketAddress ops,
        Log log,
        StoreConfig store,
        Tokens tokens,
        Jwks jwks,
        Optional<KubernetesSettings> kubernetes,
        Optional<AdmissionConfig> admission,
        Optional<InjectionConfig> injection,
        boolean localIssuer,
        AttestationRules attestationRules,
        ConfiguredWorkloads workloads,
        IssuanceProfiles profiles,
        Limits limits,
        Optional<Path> policyDirectory,
        boolean istioPolicies,
        TokenKeyFetching tokenKeys,
        boolean allowOpen,
        AgentSettings agents,
        List<ExportedService> directory,
        Optional<Path> directoryFile,
        Optional<Path> bootstrapFile,
        Optional<OutsidersEndpoint> bundleEndpoint,
        List<FederationPeer> federation,
        RotationSettings rotation,
        Duration drain) {
    public ServerConfig {
        directory = List.copyOf(directory);
        federation = List.copyOf(federation);
    }

    /** How the server speaks. */
    public record Log(Logging.Format format, Level level) {}

    /**
     * What callers may cost.
     *
     * @param handshake TLS and the HTTP/2 preface together end within this, or the connection does
     */
    public record Limits(
            int concurrentIssues,
            Duration handshake,
            CallerCaps.Settings caps,
            IssuanceBudgets.Settings budgets) {}

    /**
     * The HTTPS port for outsiders.
     *
     * @param refreshHint how often a reader of the bundle should look
     */
    public record OutsidersEndpoint(
            InetSocketAddress listen, Shown certificate, Duration refreshHint) {
        /** What it shows (SPIFFE Federation, section 5.2). */
        public sealed interface Shown {}

        /** The server's own SVID. */
        public record OwnSvid() implements Shown {}

        /** PEM files of the web PKI, read again when they change. */
        public record Files(Path certificate, Path key) implements Shown {}
    }

    /**
     * How keys of issuers are fetched that policies name.
     *
     * @param allowedNetworks addresses or ranges that may be asked although they are private
     * @param caFile PEM roots to trust instead of the JDK's
     */
    public record TokenKeyFetching(List<String> allowedNetworks, Optional<Path> caFile) {
        public TokenKeyFetching {
            allowedNetworks = List.copyOf(allowedNetworks);
        }
    }

    /** Where the authority's keys are; {@link Catalog} makes the vault. */
    public sealed interface Keys {
        /**
         * Files in the data directory, sealed with a passphrase.
         *
         * @param passphraseFile mode 0600, first line
         * @param cost of keys that are made or sealed anew; a file says its own
         */
        record Files(Path passphraseFile, Scrypt cost) implements Keys {}

        /**
         * Secrets in the install namespace, sealed with a passphrase.
         *
         * @param prefix of the Secrets' names
         */
        record Secrets(Path passphraseFile, Scrypt cost, String prefix) implements Keys {}

        /** A PKCS#11 token. */
        record Token(Pkcs11Settings settings) implements Keys {}
    }

    /**
     * What is believed of a token.
     *
     * @param issuer empty = the cluster's own, as its API server says
     * @param audiences one of them must be in {@code aud}
     */
    public record Tokens(
            Optional<String> issuer,
            Set<String> audiences,
            Duration clockSkew,
            Duration maxTokenLife) {
        public Tokens {
            audiences = Set.copyOf(audiences);
        }

        /** For tokens of this issuer. */
        TokenSettings of(String itsIssuer) {
            return new TokenSettings(itsIssuer, audiences, clockSkew, maxTokenLife);
        }
    }

    /** Where the keys of the tokens' issuer are; with it comes the attestor. */
    public sealed interface Jwks {
        /** At the API server, which is asked about each pod too. */
        record Cluster() implements Jwks {}

        /** A file, looked at again when it changes. */
        record File(Path path) implements Jwks {}

        /** An https address; it may resolve to a private address only in a listed network. */
        record Url(String address, List<String> allowedNetworks, Optional<Path> caFile)
                implements Jwks {}
    }
}
