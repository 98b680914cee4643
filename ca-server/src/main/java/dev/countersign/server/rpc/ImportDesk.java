package dev.countersign.server.rpc;

import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.AuthorityRefused;
import dev.countersign.server.authority.AuthorityRing;
import dev.countersign.server.authority.RootImport;
import dev.countersign.server.authority.RootImport.Imported;
import dev.countersign.server.authority.RootImport.Requested;
import dev.countersign.server.authority.approval.AwaitingApproval;
import dev.countersign.server.authority.ceremony.BroughtKey;
import dev.countersign.server.authority.ceremony.ImportRefused;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.x509.KeyIds;
import dev.countersign.wire.Timestamps;
import dev.countersign.wire.v1.ImportRootRequest;
import dev.countersign.wire.v1.ImportRootResponse;
import dev.countersign.wire.v1.RequestIssuerResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;

/** Issuers that are asked for, and what is brought in, while a server runs. */
public final class ImportDesk {
    private static final int LINE = 64;
    private static final Duration RETRY_SOON = Duration.ofSeconds(1);

    private final RootImport imports;
    private final AuthorityRing authority;
    private final InstantSource clock;

    public ImportDesk(RootImport imports, AuthorityRing authority, InstantSource clock) {
        this.imports = imports;
        this.authority = authority;
        this.clock = clock;
    }

    /** What may be refused. */
    @FunctionalInterface
    private interface Ceremony<T> {
        T hold(Instant now)
                throws ImportRefused, AwaitingApproval, KeyVaultException, AuditUnavailable;
    }

    RequestIssuerResponse request() {
        Requested made = held(imports::request);
        return RequestIssuerResponse.newBuilder()
                .setCsr(pem(made.request()))
                .setKeyName(made.keyName())
                .setSubject(made.subject())
                .setLifeSeconds(made.life().toSeconds())
                .build();
    }

    ImportRootResponse take(ImportRootRequest request, String by) {
        Imported done =
                held(now ->
                        switch (request.getWhatCase()) {
                            case CHAIN -> imports.chain(request.getChain(), by, now);
                            case PKCS12 -> imports.withKey(opened(request), by, now);
                            case WHAT_NOT_SET ->
                                    throw AdminGrpcService.invalid(
                                            "IMPORT_MALFORMED",
                                            "what: missing (expected: chain or pkcs12)");
                        });
        // Acts by it at once, not at the next look at the journal.
        held(now -> {
            authority.maintain(now);
            return done;
        });
        return message(done);
    }

    /** What a PEM reader takes for a request. */
    public static String pem(byte[] request) {
        return "-----BEGIN CERTIFICATE REQUEST-----\n"
                + Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(request)
                + "\n-----END CERTIFICATE REQUEST-----\n";
    }

    /** What came in, as it is told. */
    public static ImportRootResponse message(Imported done) {
        return ImportRootResponse.newBuilder()
                .setEffect(done.effect().name())
                .setBundleEpoch(done.epoch())
                .setRootSubject(done.root().certificate().getSubjectX500Principal().getName())
                .setRootSha256(KeyIds.sha256(done.root().certificate()))
                .setSigningKeyId(KeyIds.hexOfCertificate(done.root().signing()))
                .setSignsUntil(Timestamps.encode(done.root().signsUntil()))
                .build();
    }

    private static BroughtKey opened(ImportRootRequest request) throws ImportRefused {
        char[] passphrase = request.getPkcs12().getPassphrase().toCharArray();
        try {
            return BroughtKey.read(request.getPkcs12().getFile().toByteArray(), passphrase);
        } finally {
            Arrays.fill(passphrase, '\0');
        }
    }

    private <T> T held(Ceremony<T> ceremony) {
        try {
            return ceremony.hold(clock.instant());
        } catch (ImportRefused refused) {
            throw refusal(Status.Code.FAILED_PRECONDITION, refused.reason().name(), refused);
        } catch (AwaitingApproval awaiting) {
            throw refusal(Status.Code.FAILED_PRECONDITION, "STEP_AWAITS_APPROVAL", awaiting);
        } catch (KeyVaultException unusable) {
            throw refusal(Status.Code.UNAVAILABLE, unusable.reason().name(), unusable);
        } catch (AuditUnavailable unwritten) {
            throw refusal(Status.Code.UNAVAILABLE, "LOG_UNAVAILABLE", unwritten);
        } catch (AuthorityRefused refused) {
            throw refusal(Status.Code.UNAVAILABLE, "AUTHORITY_" + refused.reason(), refused);
        }
    }

    private static StatusRuntimeException refusal(
            Status.Code code, String reason, Exception refused) {
        return StatusMapping.refusal(
                code,
                reason,
                String.valueOf(refused.getMessage()),
                code == Status.Code.UNAVAILABLE ? RETRY_SOON : Duration.ZERO);
    }
}
