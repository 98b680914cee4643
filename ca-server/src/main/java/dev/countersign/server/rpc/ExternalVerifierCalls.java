package dev.countersign.server.rpc;

import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.BundlePublisher;
import dev.countersign.server.authority.ceremony.ImportRefused;
import dev.countersign.server.authority.ceremony.PemCertificates;
import dev.countersign.server.distribution.ExternalRefused;
import dev.countersign.server.distribution.ExternalVerifiers;
import dev.countersign.wire.Timestamps;
import dev.countersign.wire.v1.AcknowledgeVerifierRequest;
import dev.countersign.wire.v1.AcknowledgeVerifierResponse;
import dev.countersign.wire.v1.ExternalVerifier;
import dev.countersign.wire.v1.ListExternalVerifiersResponse;
import dev.countersign.wire.v1.RegisterVerifierRequest;
import dev.countersign.wire.v1.RegisterVerifierResponse;
import dev.countersign.wire.v1.RemoveVerifierRequest;
import dev.countersign.wire.v1.RemoveVerifierResponse;
import io.grpc.Status;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;

/** The calls about verifiers outside, decoded, put to the registry, encoded. */
public final class ExternalVerifierCalls {
    private final ExternalVerifiers verifiers;
    private final BundlePublisher bundles;

    public ExternalVerifierCalls(ExternalVerifiers verifiers, BundlePublisher bundles) {
        this.verifiers = verifiers;
        this.bundles = bundles;
    }

    /** What may be refused. */
    @FunctionalInterface
    private interface Wish<T> {
        T run() throws ExternalRefused, ImportRefused, AuditUnavailable;
    }

    RegisterVerifierResponse register(RegisterVerifierRequest request, String by) {
        return done(() ->
                RegisterVerifierResponse.newBuilder()
                        .setToken(verifiers.register(request.getName(), by))
                        .build());
    }

    RemoveVerifierResponse remove(RemoveVerifierRequest request, String by) {
        return done(() -> {
            verifiers.remove(request.getName(), request.getReason(), by);
            return RemoveVerifierResponse.getDefaultInstance();
        });
    }

    AcknowledgeVerifierResponse acknowledge(AcknowledgeVerifierRequest request, String by) {
        return done(() -> {
            List<X509Certificate> roots = PemCertificates.read(request.getRoots());
            return AcknowledgeVerifierResponse.newBuilder()
                    .setBundleEpoch(verifiers.acknowledge(request.getName(), roots, by))
                    .build();
        });
    }

    ListExternalVerifiersResponse list() {
        ListExternalVerifiersResponse.Builder answer =
                ListExternalVerifiersResponse.newBuilder().setBundleEpoch(bundles.bundle().epoch());
        verifiers
                .list()
                .forEach(one -> {
                    ExternalVerifier.Builder row =
                            ExternalVerifier.newBuilder()
                                    .setName(one.name())
                                    .setRegistered(Timestamps.encode(one.registered()))
                                    .setBy(one.by())
                                    .setEpoch(one.epoch())
                                    .setHow(one.how());
                    one.acknowledged().ifPresent(at -> row.setAcknowledged(Timestamps.encode(at)));
                    answer.addVerifiers(row);
                });
        return answer.build();
    }

    private static <T> T done(Wish<T> wish) {
        try {
            return wish.run();
        } catch (ExternalRefused refused) {
            throw StatusMapping.refusal(
                    Status.Code.FAILED_PRECONDITION,
                    refused.reason().name(),
                    String.valueOf(refused.getMessage()),
                    Duration.ZERO);
        } catch (ImportRefused malformed) {
            throw AdminGrpcService.invalid(
                    malformed.reason().name(), String.valueOf(malformed.getMessage()));
        } catch (AuditUnavailable unwritten) {
            throw StatusMapping.refusal(
                    Status.Code.UNAVAILABLE,
                    "LOG_UNAVAILABLE",
                    "the log cannot be written now, nothing was changed",
                    Duration.ofSeconds(1));
        }
    }
}
