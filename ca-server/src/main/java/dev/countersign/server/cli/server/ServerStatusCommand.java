package dev.countersign.server.cli.server;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Times;
import dev.countersign.wire.v1.ComponentHealth;
import dev.countersign.wire.v1.GetStatusRequest;
import dev.countersign.wire.v1.GetStatusResponse;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code countersign server status}. */
@Command(name = "status", description = "How a running server is. Exit code 1: not ready.")
public final class ServerStatusCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    @Override
    public Integer call() {
        GetStatusResponse status =
                admin.call(stub -> stub.getStatus(GetStatusRequest.getDefaultInstance()));
        if (output.json()) {
            output.print(status);
        } else {
            print(status);
        }
        return status.getReady() ? 0 : 1;
    }

    private void print(GetStatusResponse status) {
        line(status.getReady() ? "ready" : "NOT READY", "since " + Times.text(status.getStarted()));
        line("trust domain", status.getTrustDomain());
        line("root", status.getRootSubject() + ", ends " + Times.text(status.getRootNotAfter()));
        line(
                "intermediate",
                status.getIntermediateKeyId()
                        + ", ends "
                        + Times.text(status.getIntermediateNotAfter()));
        line("bundle", "epoch " + status.getBundleEpoch());
        line("policies", "revision " + status.getPolicyRevision());
        line("agents", status.getAgents() + " connected");
        line("issued", status.getIssued() + " certificates");
        line("store", status.getStore());
        if (status.getLocalIssuer()) {
            line("local issuer", "ENABLED: for development only");
        }
        for (ComponentHealth component : status.getComponentsList()) {
            line(
                    component.getName(),
                    component
                                    .getState()
                                    .name()
                                    .replace("COMPONENT_STATE_", "")
                                    .toLowerCase(Locale.ROOT)
                            + (component.getReason().isEmpty()
                                    ? ""
                                    : ": " + component.getReason()));
        }
        output.out().flush();
    }

    private void line(String name, String value) {
        output.out().println("  " + name + " ".repeat(Math.max(1, 14 - name.length())) + value);
    }
}
