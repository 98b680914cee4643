package dev.countersign.server.rpc;

import dev.countersign.server.operators.AdminAction;
import dev.countersign.wire.v1.AdminServiceGrpc;
import io.grpc.MethodDescriptor;
import java.util.Map;
import java.util.Optional;

/** Which action each call of the admin service is. A call that is not listed is refused to all. */
final class AdminMethods {
    private static final Map<String, AdminAction> ACTIONS =
            Map.ofEntries(
                    is(AdminServiceGrpc.getGetStatusMethod(), AdminAction.READ_STATE),
                    is(AdminServiceGrpc.getListAgentsMethod(), AdminAction.READ_STATE),
                    is(AdminServiceGrpc.getListAwaitedStepsMethod(), AdminAction.READ_STATE),
                    is(AdminServiceGrpc.getApproveStepMethod(), AdminAction.APPROVE_STEP),
                    is(AdminServiceGrpc.getGetPolicyStatusMethod(), AdminAction.READ_STATE),
                    is(AdminServiceGrpc.getExportPoliciesMethod(), AdminAction.READ_STATE),
                    is(AdminServiceGrpc.getGetBootstrapMethod(), AdminAction.READ_STATE),
                    is(AdminServiceGrpc.getListCertificatesMethod(), AdminAction.READ_CERTIFICATES),
                    is(AdminServiceGrpc.getListRevocationsMethod(), AdminAction.READ_CERTIFICATES),
                    is(AdminServiceGrpc.getRevokeMethod(), AdminAction.REVOKE),
                    is(AdminServiceGrpc.getUnrevokeMethod(), AdminAction.REVOKE),
                    is(AdminServiceGrpc.getGetDenialMethod(), AdminAction.READ_TRAFFIC),
                    is(AdminServiceGrpc.getListEdgesMethod(), AdminAction.READ_TRAFFIC),
                    is(AdminServiceGrpc.getListLogEntriesMethod(), AdminAction.READ_LOG),
                    is(AdminServiceGrpc.getGetLogEntryMethod(), AdminAction.READ_LOG),
                    is(AdminServiceGrpc.getVerifyLogMethod(), AdminAction.VERIFY_LOG),
                    is(AdminServiceGrpc.getListRootsMethod(), AdminAction.READ_STATE),
                    is(AdminServiceGrpc.getGetRotationMethod(), AdminAction.READ_STATE),
                    is(AdminServiceGrpc.getPlanRotationMethod(), AdminAction.READ_STATE),
                    is(AdminServiceGrpc.getBeginRotationMethod(), AdminAction.ROTATE_ROOTS),
                    is(AdminServiceGrpc.getUndoRotationMethod(), AdminAction.ROTATE_ROOTS),
                    is(AdminServiceGrpc.getResumeRotationMethod(), AdminAction.ROTATE_ROOTS),
                    is(AdminServiceGrpc.getDistrustRootMethod(), AdminAction.ROTATE_ROOTS),
                    is(AdminServiceGrpc.getDestroyRootMethod(), AdminAction.ROTATE_ROOTS),
                    is(AdminServiceGrpc.getChangeStandbyRootMethod(), AdminAction.ROTATE_ROOTS),
                    is(AdminServiceGrpc.getListExternalVerifiersMethod(), AdminAction.READ_STATE),
                    is(AdminServiceGrpc.getRegisterVerifierMethod(), AdminAction.ROTATE_ROOTS),
                    is(AdminServiceGrpc.getRemoveVerifierMethod(), AdminAction.ROTATE_ROOTS),
                    is(AdminServiceGrpc.getAcknowledgeVerifierMethod(), AdminAction.ROTATE_ROOTS),
                    is(AdminServiceGrpc.getListFederationMethod(), AdminAction.READ_STATE),
                    is(AdminServiceGrpc.getRefreshFederationMethod(), AdminAction.READ_STATE),
                    is(AdminServiceGrpc.getRequestIssuerMethod(), AdminAction.ROTATE_ROOTS),
                    is(AdminServiceGrpc.getImportRootMethod(), AdminAction.ROTATE_ROOTS),
                    is(
                            AdminServiceGrpc.getIssueOperatorCertificateMethod(),
                            AdminAction.ISSUE_OPERATOR));

    private AdminMethods() {}

    static Optional<AdminAction> action(MethodDescriptor<?, ?> method) {
        return Optional.ofNullable(ACTIONS.get(method.getFullMethodName()));
    }

    private static Map.Entry<String, AdminAction> is(
            MethodDescriptor<?, ?> method, AdminAction action) {
        return Map.entry(method.getFullMethodName(), action);
    }
}
