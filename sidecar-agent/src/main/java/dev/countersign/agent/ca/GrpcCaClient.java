package dev.countersign.agent.ca;

import com.google.protobuf.ByteString;
import dev.countersign.trust.Refusal;
import dev.countersign.trust.TrustRefused;
import dev.countersign.wire.BundleCodec;
import dev.countersign.wire.v1.IssuanceServiceGrpc;
import dev.countersign.wire.v1.IssueCertificateRequest;
import dev.countersign.wire.v1.IssueCertificateResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the CA over gRPC. A new connection for every request: they are an hour apart, and each has
 * the credentials of its moment.
 */
public final class GrpcCaClient implements CaClient {
    private static final Logger LOG = LoggerFactory.getLogger(GrpcCaClient.class);
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final int MAX_CHAIN = 8;

    private final CaChannels channels;
    private final BootstrapToken token;
    private final BundleSink bundles;
    private final BundleRecovery recovery;
    private final ClockOffset offset;
    private final InstantSource clock;
    private final Duration deadline;

    public GrpcCaClient(
            CaChannels channels,
            BootstrapToken token,
            BundleSink bundles,
            ClockOffset offset,
            InstantSource clock) {
        this(channels, token, bundles, offset, clock, DEADLINE);
    }

    /**
     * @param deadline for an answer
     */
    GrpcCaClient(
            CaChannels channels,
            BootstrapToken token,
            BundleSink bundles,
            ClockOffset offset,
            InstantSource clock,
            Duration deadline) {
        this.channels = channels;
        this.token = token;
        this.bundles = bundles;
        this.recovery = new BundleRecovery(channels, bundles);
        this.offset = offset;
        this.clock = clock;
        this.deadline = deadline;
    }

    @Override
    public IssueOutcome issue(byte[] csr, Optional<ClientIdentity> current) {
        IssueCertificateRequest request;
        try {
            request =
                    IssueCertificateRequest.newBuilder()
                            .setProtocolVersion(1)
                            .setToken(token.read())
                            .setCsr(ByteString.copyFrom(csr))
                            .build();
        } catch (IOException e) {
            return new IssueOutcome.Unavailable(
                    ServerRefusal.shown(String.valueOf(e.getMessage())));
        }
        Answer first = call(request, current);
        // Somebody else's valid certificate is no sign of new roots.
        boolean rootsMayHaveChanged =
                first.unbelieved()
                        .filter(refused -> refused.refusal() != Refusal.UNEXPECTED_PEER)
                        .isPresent();
        return rootsMayHaveChanged && recovery.fetch()
                ? call(request, current).outcome()
                : first.outcome();
    }

    /** Looks for a bundle that can be believed, from whomever; whether one newer than held was found. */
    public boolean recover() {
        return recovery.fetch();
    }

    /** What one call came to, and why the server was not believed if that was the cause. */
    private record Answer(IssueOutcome outcome, Optional<TrustRefused> unbelieved) {}

    private Answer call(IssueCertificateRequest request, Optional<ClientIdentity> current) {
        try (CaConnection connection = channels.open(current, Runnable::run)) {
            Instant asked = clock.instant();
            try {
                IssueCertificateResponse response =
                        IssuanceServiceGrpc.newBlockingStub(connection.channel())
                                .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS)
                                .issueCertificate(request);
                return new Answer(read(response, asked), Optional.empty());
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED) {
                    channels.passOver();
                }
                return new Answer(failure(e, connection.refusal()), connection.refusal());
            }
        }
    }

    private IssueOutcome read(IssueCertificateResponse response, Instant asked) {
        if (response.hasServerTime()) {
            offset.measured(asked, Messages.instant(response.getServerTime()), clock.instant());
        }
        try {
            bundles.offer(BundleCodec.fromMessage(response.getBundle()), List.of());
        } catch (TrustRefused e) {
            if (e.refusal() == Refusal.BUNDLE_UNKNOWN_KEY && recover()) {
                return issued(response);
            }
            // The certificate is checked against the bundle that is held; this one changes nothing.
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("bundle not believed");
        }
        return issued(response);
    }

    private IssueOutcome issued(IssueCertificateResponse response) {
        try {
            return new IssueOutcome.Issued(
                    chain(response),
                    new RefreshWindow(
                            Messages.instant(response.getRefresh().getNotBefore()),
                            Messages.instant(response.getRefresh().getNotAfter())));
        } catch (CertificateException e) {
            return new IssueOutcome.Unavailable(
                    "a certificate that can be read, from the CA at " + channels.address());
        }
    }

    private static List<X509Certificate> chain(IssueCertificateResponse response)
            throws CertificateException {
        int size = response.getCertificateChainCount();
        if (size == 0 || size > MAX_CHAIN) {
            throw new CertificateException("chain: " + size + " (expected: 1 to 8)");
        }
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> chain = new ArrayList<>(size);
        for (ByteString der : response.getCertificateChainList()) {
            chain.add(
                    (X509Certificate)
                            factory.generateCertificate(
                                    new ByteArrayInputStream(der.toByteArray())));
        }
        return chain;
    }

    private IssueOutcome failure(StatusRuntimeException e, Optional<TrustRefused> unbelieved) {
        if (unbelieved.isPresent()) {
            return new IssueOutcome.Unavailable(
                    "a server at "
                            + channels.address()
                            + " that is the CA: "
                            + ServerRefusal.shown(String.valueOf(unbelieved.get().getMessage())));
        }
        Optional<ServerRefusal> refusal = ServerRefusal.of(e);
        if (refusal.isPresent()) {
            return new IssueOutcome.Refused(
                    refusal.get().reason(), refusal.get().message(), refusal.get().retryAfter());
        }
        return new IssueOutcome.Unavailable(
                "the CA at "
                        + channels.address()
                        + ": "
                        + ServerRefusal.shown(Causes.innermost(e)));
    }
}
