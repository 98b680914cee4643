package dev.countersign.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.wire.v1.AdminServiceGrpc;
import io.grpc.MethodDescriptor;
import org.junit.jupiter.api.Test;

class AdminMethodsTest {
    @Test
    void everyCallOfTheAdminServiceIsInTheRoleTable() {
        assertThat(AdminServiceGrpc.getServiceDescriptor().getMethods())
                .isNotEmpty()
                .allSatisfy(method ->
                        assertThat(AdminMethods.action(method))
                                .as(
                                        "%s: give it an action in AdminMethods",
                                        method.getFullMethodName())
                                .isPresent());
    }

    @Test
    void aCallThatIsNotListedIsNoAction() {
        MethodDescriptor<?, ?> unlisted =
                AdminServiceGrpc.getGetStatusMethod().toBuilder()
                        .setFullMethodName(AdminServiceGrpc.SERVICE_NAME + "/DropEverything")
                        .build();

        assertThat(AdminMethods.action(unlisted)).isEmpty();
    }
}
