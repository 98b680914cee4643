package dev.countersign.server.rpc;

import dev.countersign.identity.MalformedIdentity;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.server.audit.AuditLog;
import dev.countersign.server.audit.AuditVerifier;
import dev.countersign.server.audit.IssuanceLedger;
import dev.countersign.server.audit.RecordsUnavailable;
import dev.countersign.server.distribution.PolicyFeed;
import dev.countersign.server.distribution.PolicyStanding;
import dev.countersign.server.distribution.Subscriber;
import dev.countersign.server.issuance.IssuanceRefused;
import dev.countersign.server.issuance.OperatorIssuance;
import dev.countersign.server.revocation.Revocations;
import dev.countersign.wire.Timestamps;
import dev.countersign.wire.v1.AcknowledgeVerifierRequest;
import dev.countersign.wire.v1.AcknowledgeVerifierResponse;
import dev.countersign.wire.v1.AdminServiceGrpc;
import dev.countersign.wire.v1.ApproveStepRequest;
import dev.countersign.wire.v1.ApproveStepResponse;
import dev.countersign.wire.v1.BeginRotationRequest;
import dev.countersign.wire.v1.ChangeStandbyRootRequest;
import dev.countersign.wire.v1.DestroyRootRequest;
import dev.countersign.wire.v1.DestroyRootResponse;
import dev.countersign.wire.v1.DistrustRootRequest;
import dev.countersign.wire.v1.ExportPoliciesRequest;
import dev.countersign.wire.v1.ExportPoliciesResponse;
import dev.countersign.wire.v1.GetBootstrapRequest;
import dev.countersign.wire.v1.GetBootstrapResponse;
import dev.countersign.wire.v1.GetDenialRequest;
import dev.countersign.wire.v1.GetDenialResponse;
import dev.countersign.wire.v1.GetLogEntryRequest;
import dev.countersign.wire.v1.GetLogEntryResponse;
import dev.countersign.wire.v1.GetPolicyStatusRequest;
import dev.countersign.wire.v1.GetPolicyStatusResponse;
import dev.countersign.wire.v1.GetRotationRequest;
import dev.countersign.wire.v1.GetRotationResponse;
import dev.countersign.wire.v1.GetStatusRequest;
import dev.countersign.wire.v1.GetStatusResponse;
import dev.countersign.wire.v1.ImportRootRequest;
import dev.countersign.wire.v1.ImportRootResponse;
import dev.countersign.wire.v1.IssueOperatorCertificateRequest;
import dev.countersign.wire.v1.IssueOperatorCertificateResponse;
import dev.countersign.wire.v1.ListAgentsRequest;
import dev.countersign.wire.v1.ListAgentsResponse;
import dev.countersign.wire.v1.ListAwaitedStepsRequest;
import dev.countersign.wire.v1.ListAwaitedStepsResponse;
import dev.countersign.wire.v1.ListCertificatesRequest;
import dev.countersign.wire.v1.ListCertificatesResponse;
import dev.countersign.wire.v1.ListEdgesRequest;
import dev.countersign.wire.v1.ListEdgesResponse;
import dev.countersign.wire.v1.ListExternalVerifiersRequest;
import dev.countersign.wire.v1.ListExternalVerifiersResponse;
import dev.countersign.wire.v1.ListFederationRequest;
import dev.countersign.wire.v1.ListFederationResponse;
import dev.countersign.wire.v1.ListLogEntriesRequest;
import dev.countersign.wire.v1.ListLogEntriesResponse;
import dev.countersign.wire.v1.ListRevocationsRequest;
import dev.countersign.wire.v1.ListRevocationsResponse;
import dev.countersign.wire.v1.ListRootsRequest;
import dev.countersign.wire.v1.ListRootsResponse;
import dev.countersign.wire.v1.PlanRotationRequest;
import dev.countersign.wire.v1.PlanRotationResponse;
import dev.countersign.wire.v1.RefreshFederationRequest;
import dev.countersign.wire.v1.RegisterVerifierRequest;
import dev.countersign.wire.v1.RegisterVerifierResponse;
import dev.countersign.wire.v1.RemoveVerifierRequest;
import dev.countersign.wire.v1.RemoveVerifierResponse;
import dev.countersign.wire.v1.RequestIssuerRequest;
import dev.countersign.wire.v1.RequestIssuerResponse;
import dev.countersign.wire.v1.ResumeRotationRequest;
import dev.countersign.wire.v1.RevokeRequest;
import dev.countersign.wire.v1.RevokeResponse;
import dev.countersign.wire.v1.UndoRotationRequest;
import dev.countersign.wire.v1.UnrevokeRequest;
import dev.countersign.wire.v1.UnrevokeResponse;
import dev.countersign.wire.v1.VerifyLogRequest;
import dev.countersign.wire.v1.VerifyLogResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What the CLI asks. Who may ask is decided before a call gets here. */
final class AdminGrpcService extends AdminServiceGrpc.AdminServiceImplBase {
    private static final int DEFAULT_PAGE = 100;
    private static final int MAX_PAGE = 1000;

    private final TrustDomain trustDomain;
    private final AdminQuestions ask;
    private final OperatorIssuance operators;
    private final RevocationCalls revocations;

    AdminGrpcService(
            TrustDomain trustDomain,
            AdminQuestions ask,
            OperatorIssuance operators,
            Revocations revocations) {
        this.trustDomain = trustDomain;
        this.ask = ask;
        this.operators = operators;
        this.revocations =
                new RevocationCalls(
                        revocations,
                        text -> identity(text),
                        () -> ask.policies().state().revision());
    }

    @Override
    public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> answer) {
        reply(answer, ask.status());
    }

    @Override
    public void getBootstrap(
            GetBootstrapRequest request, StreamObserver<GetBootstrapResponse> answer) {
        reply(answer, ask.bootstrap());
    }

    @Override
    public void listCertificates(
            ListCertificatesRequest request, StreamObserver<ListCertificatesResponse> answer) {
        reply(answer, () -> certificates(request));
    }

    @Override
    public void listLogEntries(
            ListLogEntriesRequest request, StreamObserver<ListLogEntriesResponse> answer) {
        reply(answer, () -> logEntries(request));
    }

    @Override
    public void getLogEntry(
            GetLogEntryRequest request, StreamObserver<GetLogEntryResponse> answer) {
        reply(
                answer,
                () ->
                        ask.log()
                                .entry(request.getSequence())
                                .map(AdminMessages::logEntry)
                                .map(e -> GetLogEntryResponse.newBuilder().setEntry(e).build())
                                .orElseThrow(() ->
                                        notFound(
                                                "LOG_ENTRY_UNKNOWN",
                                                "sequence: " + request.getSequence())));
    }

    @Override
    public void verifyLog(VerifyLogRequest request, StreamObserver<VerifyLogResponse> answer) {
        try {
            AuditVerifier.Progress verdict =
                    ask.verifier()
                            .verify(
                                    ask.certificatesKeptSince().get(),
                                    progress -> answer.onNext(progress(progress)));
            answer.onNext(progress(verdict));
            answer.onCompleted();
        } catch (RecordsUnavailable unavailable) {
            answer.onError(unavailable(unavailable));
        }
    }

    @Override
    public void listAgents(ListAgentsRequest request, StreamObserver<ListAgentsResponse> answer) {
        ListAgentsResponse.Builder response = ListAgentsResponse.newBuilder();
        ask.hub().views().forEach(view -> response.addAgents(AdminMessages.agent(view)));
        reply(answer, response::build);
    }

    @Override
    public void getDenial(GetDenialRequest request, StreamObserver<GetDenialResponse> answer) {
        reply(
                answer,
                () ->
                        ask.denials()
                                .byId(request.getId())
                                .map(AdminMessages::denial)
                                .orElseThrow(() ->
                                        notFound(
                                                "DENIAL_UNKNOWN",
                                                "denial id: not on record (expected: one of"
                                                        + " the last 24 h; agents report"
                                                        + " within a second)")));
    }

    @Override
    public void listEdges(ListEdgesRequest request, StreamObserver<ListEdgesResponse> answer) {
        try {
            new EdgeListing(ask, this::identity).run(request, answer);
            answer.onCompleted();
        } catch (StatusRuntimeException refused) {
            answer.onError(refused);
        } catch (RecordsUnavailable unavailable) {
            answer.onError(unavailable(unavailable));
        }
    }

    @Override
    public void getPolicyStatus(
            GetPolicyStatusRequest request, StreamObserver<GetPolicyStatusResponse> answer) {
        reply(answer, this::policyStatus);
    }

    @Override
    public void exportPolicies(
            ExportPoliciesRequest request, StreamObserver<ExportPoliciesResponse> answer) {
        new PolicyExport(ask.policies().state(), ask.hub().views()).messages(answer::onNext);
        answer.onCompleted();
    }

    @Override
    public void listAwaitedSteps(
            ListAwaitedStepsRequest request, StreamObserver<ListAwaitedStepsResponse> answer) {
        reply(answer, () -> ApprovalCalls.list(ask.approvals()));
    }

    @Override
    public void approveStep(
            ApproveStepRequest request, StreamObserver<ApproveStepResponse> answer) {
        reply(answer, () -> ApprovalCalls.approve(ask.approvals(), request));
    }

    @Override
    public void issueOperatorCertificate(
            IssueOperatorCertificateRequest request,
            StreamObserver<IssueOperatorCertificateResponse> answer) {
        reply(answer, () -> issueOperator(request));
    }

    @Override
    public void revoke(RevokeRequest request, StreamObserver<RevokeResponse> answer) {
        reply(answer, () -> revocations.revoke(request, AdminAccess.caller()));
    }

    @Override
    public void unrevoke(UnrevokeRequest request, StreamObserver<UnrevokeResponse> answer) {
        reply(answer, () -> revocations.unrevoke(request, AdminAccess.caller()));
    }

    @Override
    public void listRevocations(
            ListRevocationsRequest request, StreamObserver<ListRevocationsResponse> answer) {
        reply(answer, revocations::list);
    }

    @Override
    public void listRoots(ListRootsRequest request, StreamObserver<ListRootsResponse> answer) {
        reply(answer, () -> ask.rotation().roots());
    }

    @Override
    public void getRotation(
            GetRotationRequest request, StreamObserver<GetRotationResponse> answer) {
        reply(answer, () -> ask.rotation().status());
    }

    @Override
    public void planRotation(
            PlanRotationRequest request, StreamObserver<PlanRotationResponse> answer) {
        reply(answer, () -> ask.rotation().plan(request));
    }

    @Override
    public void beginRotation(
            BeginRotationRequest request, StreamObserver<GetRotationResponse> answer) {
        reply(answer, () -> ask.rotation().begin(request, AdminAccess.caller()));
    }

    @Override
    public void undoRotation(
            UndoRotationRequest request, StreamObserver<GetRotationResponse> answer) {
        reply(answer, () -> ask.rotation().undo(AdminAccess.caller()));
    }

    @Override
    public void resumeRotation(
            ResumeRotationRequest request, StreamObserver<GetRotationResponse> answer) {
        reply(answer, () -> ask.rotation().resume(request, AdminAccess.caller()));
    }

    @Override
    public void destroyRoot(
            DestroyRootRequest request, StreamObserver<DestroyRootResponse> answer) {
        reply(answer, () -> ask.rotation().destroy(request, AdminAccess.caller()));
    }

    @Override
    public void distrustRoot(
            DistrustRootRequest request, StreamObserver<GetRotationResponse> answer) {
        reply(answer, () -> ask.rotation().distrust(request, AdminAccess.caller()));
    }

    @Override
    public void changeStandbyRoot(
            ChangeStandbyRootRequest request, StreamObserver<GetRotationResponse> answer) {
        reply(answer, () -> ask.rotation().standby(request));
    }

    @Override
    public void listFederation(
            ListFederationRequest request, StreamObserver<ListFederationResponse> answer) {
        reply(answer, () -> ask.federation().list());
    }

    @Override
    public void refreshFederation(
            RefreshFederationRequest request, StreamObserver<ListFederationResponse> answer) {
        reply(answer, () -> ask.federation().refresh(request));
    }

    @Override
    public void registerVerifier(
            RegisterVerifierRequest request, StreamObserver<RegisterVerifierResponse> answer) {
        reply(answer, () -> ask.externals().register(request, AdminAccess.caller()));
    }

    @Override
    public void listExternalVerifiers(
            ListExternalVerifiersRequest request,
            StreamObserver<ListExternalVerifiersResponse> answer) {
        reply(answer, () -> ask.externals().list());
    }

    @Override
    public void removeVerifier(
            RemoveVerifierRequest request, StreamObserver<RemoveVerifierResponse> answer) {
        reply(answer, () -> ask.externals().remove(request, AdminAccess.caller()));
    }

    @Override
    public void acknowledgeVerifier(
            AcknowledgeVerifierRequest request,
            StreamObserver<AcknowledgeVerifierResponse> answer) {
        reply(answer, () -> ask.externals().acknowledge(request, AdminAccess.caller()));
    }

    @Override
    public void requestIssuer(
            RequestIssuerRequest request, StreamObserver<RequestIssuerResponse> answer) {
        reply(answer, () -> ask.imports().request());
    }

    @Override
    public void importRoot(ImportRootRequest request, StreamObserver<ImportRootResponse> answer) {
        reply(answer, () -> ask.imports().take(request, AdminAccess.caller()));
    }

    private IssueOperatorCertificateResponse issueOperator(
            IssueOperatorCertificateRequest request) {
        try {
            return OperatorMessages.response(
                    operators.issue(OperatorMessages.command(request)),
                    ask.bootstrap().get().getFile());
        } catch (IssuanceRefused refused) {
            throw StatusMapping.toStatus(refused);
        }
    }

    private ListCertificatesResponse certificates(ListCertificatesRequest request) {
        int size = page(request.getPageSize());
        Optional<Instant> validAt =
                request.getIncludeExpired() ? Optional.empty() : Optional.of(ask.clock().instant());
        List<IssuanceLedger.Entry> entries =
                ask.ledger()
                        .certificates(
                                identity(request.getIdentity()),
                                validAt,
                                before(request.getPageToken()),
                                size);
        ListCertificatesResponse.Builder response = ListCertificatesResponse.newBuilder();
        entries.forEach(entry -> response.addCertificates(AdminMessages.certificate(entry)));
        if (entries.size() == size) {
            response.setNextPageToken(Long.toString(entries.getLast().sequence()));
        }
        return response.build();
    }

    private ListLogEntriesResponse logEntries(ListLogEntriesRequest request) {
        int size = page(request.getPageSize());
        long before =
                request.getBeforeSequence() == 0 ? Long.MAX_VALUE : request.getBeforeSequence();
        List<AuditLog.LogEntry> entries =
                ask.log()
                        .entries(
                                identity(request.getIdentity()).map(SpiffeId::toString),
                                Optional.of(request.getType()).filter(type -> !type.isEmpty()),
                                before,
                                size);
        ListLogEntriesResponse.Builder response = ListLogEntriesResponse.newBuilder();
        entries.forEach(entry -> response.addEntries(AdminMessages.logEntry(entry)));
        if (entries.size() == size) {
            response.setNextBeforeSequence(entries.getLast().sequence());
        }
        return response.build();
    }

    private GetPolicyStatusResponse policyStatus() {
        PolicyFeed.State state = ask.policies().state();
        List<Subscriber.View> views = ask.hub().views();
        long enforcing = views.stream().filter(view -> view.enforcesNewest()).count();
        GetPolicyStatusResponse.Builder response =
                GetPolicyStatusResponse.newBuilder()
                        .setRevision(state.revision())
                        .setLoaded(Timestamps.encode(state.loaded()))
                        .setRefusal(state.refusal().orElse(""))
                        .setAgentsEnforcing(enforcing)
                        .setAgentsTotal(views.size());
        state.set().policies().stream().map(AuthorizationPolicy::id).forEach(response::addPolicies);
        PolicyStanding.of(state, views).stream()
                .map(AdminMessages::standing)
                .forEach(response::addStandings);
        return response.build();
    }

    private Optional<SpiffeId> identity(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    text.startsWith(SpiffeId.SCHEME)
                            ? SpiffeId.parse(text)
                            : SpiffeId.of(trustDomain, ServiceAccountName.parse(text)));
        } catch (MalformedIdentity malformed) {
            throw invalid("IDENTITY_MALFORMED", String.valueOf(malformed.getMessage()));
        }
    }

    private static int page(int asked) {
        if (asked < 0 || asked > MAX_PAGE) {
            throw invalid("PAGE_SIZE", "page_size: " + asked + " (expected: 0..1000)");
        }
        return asked == 0 ? DEFAULT_PAGE : asked;
    }

    private static long before(String pageToken) {
        try {
            return pageToken.isEmpty() ? Long.MAX_VALUE : Long.parseLong(pageToken);
        } catch (NumberFormatException malformed) {
            throw invalid("PAGE_TOKEN", "page_token: expected one that was answered before");
        }
    }

    private static VerifyLogResponse progress(AuditVerifier.Progress progress) {
        return VerifyLogResponse.newBuilder()
                .setChecked(progress.checked())
                .setTotal(progress.total())
                .setFinished(progress.finished())
                .setIntact(progress.finished() && progress.intact())
                .addAllProblems(progress.problems())
                .build();
    }

    private static <T> void reply(StreamObserver<T> answer, Supplier<T> work) {
        try {
            answer.onNext(work.get());
            answer.onCompleted();
        } catch (StatusRuntimeException refused) {
            answer.onError(refused);
        } catch (RecordsUnavailable unavailable) {
            answer.onError(unavailable(unavailable));
        }
    }

    static StatusRuntimeException notFound(String reason, String message) {
        return StatusMapping.refusal(Status.Code.NOT_FOUND, reason, message, Duration.ZERO);
    }

    static StatusRuntimeException invalid(String reason, String message) {
        return StatusMapping.refusal(Status.Code.INVALID_ARGUMENT, reason, message, Duration.ZERO);
    }

    private static StatusRuntimeException unavailable(RecordsUnavailable unavailable) {
        return StatusMapping.refusal(
                Status.Code.UNAVAILABLE,
                "RECORDS_UNAVAILABLE",
                String.valueOf(unavailable.getMessage()),
                Duration.ofSeconds(1));
    }
}
