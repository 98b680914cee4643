package dev.countersign.server.operators;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.identity.WellKnownIds;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class OperatorsTest {
    private static final TrustDomain DOMAIN = new TrustDomain("mesh.example");

    private final Operators operators =
            new Operators(
                    DOMAIN,
                    Map.of(
                            "vera", Role.VIEWER,
                            "paul", Role.POLICY_ADMIN,
                            "sara", Role.SECURITY_ADMIN));

    @ParameterizedTest
    @CsvSource({
        "READ_STATE,         yes, yes, yes",
        "READ_CERTIFICATES,  yes, yes, yes",
        "READ_TRAFFIC,       no,  yes, yes",
        "READ_LOG,           no,  no,  yes",
        "VERIFY_LOG,         no,  no,  yes",
        "REVOKE,             no,  no,  yes",
        "ISSUE_OPERATOR,     no,  no,  no"
    })
    void theTableSaysWhoMayDoWhat(
            AdminAction action, String viewer, String policyAdmin, String securityAdmin) {
        assertThat(Role.VIEWER.may(action)).isEqualTo(viewer.equals("yes"));
        assertThat(Role.POLICY_ADMIN.may(action)).isEqualTo(policyAdmin.equals("yes"));
        assertThat(Role.SECURITY_ADMIN.may(action)).isEqualTo(securityAdmin.equals("yes"));
    }

    @ParameterizedTest
    @EnumSource(AdminAction.class)
    void theAdminSocketMayDoEverything(AdminAction action) {
        assertThat(new AdminCaller.LocalAdmin().refusal(action)).isEmpty();
    }

    @Test
    void anOperatorHasTheRoleOfItsName() {
        AdminCaller caller = operators.caller(Optional.of(operators.id("paul")));

        assertThat(caller)
                .isEqualTo(new AdminCaller.Operator(operators.id("paul"), Role.POLICY_ADMIN));
        assertThat(caller.refusal(AdminAction.READ_TRAFFIC)).isEmpty();
    }

    @Test
    void aRoleThatMayNotIsToldWhichRoleMay() {
        assertThat(
                        operators
                                .caller(Optional.of(operators.id("vera")))
                                .refusal(AdminAction.READ_LOG))
                .contains(
                        new AdminCaller.Refusal(
                                "ADMIN_ROLE_INSUFFICIENT",
                                "READ_LOG by role: viewer (expected: security-admin)"));
    }

    @Test
    void noRoleMakesOperators() {
        assertThat(
                        operators
                                .caller(Optional.of(operators.id("sara")))
                                .refusal(AdminAction.ISSUE_OPERATOR)
                                .orElseThrow()
                                .reason())
                .isEqualTo("ADMIN_ROLE_LOCAL_ONLY");
    }

    @ParameterizedTest
    @EnumSource(AdminAction.class)
    void aNameWithoutARoleMayNothing(AdminAction action) {
        AdminCaller caller = operators.caller(Optional.of(operators.id("mallory")));

        assertThat(caller.refusal(action).orElseThrow().reason()).isEqualTo("ADMIN_ROLE_NONE");
    }

    @ParameterizedTest
    @EnumSource(AdminAction.class)
    void whoIsNoOperatorMayNothing(AdminAction action) {
        SpiffeId workload = SpiffeId.of(DOMAIN, new ServiceAccountName("operator", "sara"));
        SpiffeId foreign = WellKnownIds.operator(new TrustDomain("evil.example"), "sara");
        SpiffeId server = WellKnownIds.caServer(DOMAIN);

        assertThat(
                        java.util.List.of(
                                Optional.of(workload), Optional.of(foreign), Optional.of(server)))
                .allSatisfy(id ->
                        assertThat(operators.caller(id).refusal(action).orElseThrow().reason())
                                .isEqualTo("ADMIN_NOT_OPERATOR"));
        assertThat(operators.caller(Optional.empty()).refusal(action).orElseThrow().reason())
                .isEqualTo("ADMIN_NOT_OPERATOR");
    }

    @ParameterizedTest
    @ValueSource(strings = {"alice", "a", "on-call.2", "x_y", "0"})
    void namesAreSegmentsThatNeedNoQuotes(String name) {
        assertThat(Operators.isName(name)).isTrue();
        assertThat(WellKnownIds.operatorName(operators.id(name))).contains(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "-a", "a-", "Alice", "a/b", "a b", "ä", "a%2f", "a\n"})
    void otherNamesAreNone(String name) {
        assertThat(Operators.isName(name)).isFalse();
    }

    @Test
    void aNameHasAtMost63Characters() {
        assertThat(Operators.isName("a".repeat(63))).isTrue();
        assertThat(Operators.isName("a".repeat(64))).isFalse();
    }
}
