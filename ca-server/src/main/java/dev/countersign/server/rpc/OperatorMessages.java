package dev.countersign.server.rpc;

import dev.countersign.server.issuance.IssuedOperator;
import dev.countersign.server.issuance.OperatorCommand;
import dev.countersign.server.operators.Role;
import dev.countersign.wire.v1.IssueOperatorCertificateRequest;
import dev.countersign.wire.v1.IssueOperatorCertificateResponse;
import dev.countersign.wire.v1.OperatorRole;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;

/** The call that issues an operator's certificate, decoded and encoded. */
final class OperatorMessages {
    private OperatorMessages() {}

    static OperatorCommand command(IssueOperatorCertificateRequest request) {
        return new OperatorCommand(
                request.getName(),
                role(request.getRole()),
                Duration.ofSeconds(Integer.toUnsignedLong(request.getLifeSeconds())),
                request.getCsr().toByteArray());
    }

    /**
     * @param bootstrap the text of a bootstrap file
     */
    static IssueOperatorCertificateResponse response(IssuedOperator issued, String bootstrap) {
        return IssueOperatorCertificateResponse.newBuilder()
                .setRole(role(issued.grant().role()))
                .setSpiffeId(issued.grant().id().toString())
                .setBootstrap(bootstrap)
                .addAllCertificateChain(ChainMessage.of(issued.chain()))
                .build();
    }

    private static Optional<Role> role(OperatorRole role) {
        return switch (role) {
            case OPERATOR_ROLE_UNSPECIFIED -> Optional.empty();
            case OPERATOR_ROLE_VIEWER -> Optional.of(Role.VIEWER);
            case OPERATOR_ROLE_POLICY_ADMIN -> Optional.of(Role.POLICY_ADMIN);
            case OPERATOR_ROLE_SECURITY_ADMIN -> Optional.of(Role.SECURITY_ADMIN);
            case UNRECOGNIZED ->
                    throw StatusMapping.refusal(
                            Status.Code.INVALID_ARGUMENT,
                            "OPERATOR_ROLE_UNKNOWN",
                            "role: of a newer contract (expected: viewer, policy-admin or"
                                    + " security-admin)",
                            Duration.ZERO);
        };
    }

    private static OperatorRole role(Role role) {
        return switch (role) {
            case VIEWER -> OperatorRole.OPERATOR_ROLE_VIEWER;
            case POLICY_ADMIN -> OperatorRole.OPERATOR_ROLE_POLICY_ADMIN;
            case SECURITY_ADMIN -> OperatorRole.OPERATOR_ROLE_SECURITY_ADMIN;
        };
    }
}
