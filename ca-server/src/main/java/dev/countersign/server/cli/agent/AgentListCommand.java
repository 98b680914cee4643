package dev.countersign.server.cli.agent;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.Output;
import dev.countersign.server.cli.Table;
import dev.countersign.server.cli.Times;
import dev.countersign.wire.v1.ConnectedAgent;
import dev.countersign.wire.v1.ListAgentsRequest;
import dev.countersign.wire.v1.ListAgentsResponse;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code countersign agent list}. */
@Command(name = "list", description = "Connected agents: what was sent, what they have loaded.")
final class AgentListCommand implements Callable<Integer> {
    @Mixin AdminConnection admin = new AdminConnection();
    @Mixin Output output = new Output();

    private final InstantSource clock = InstantSource.system();

    @Override
    public Integer call() {
        ListAgentsResponse answer =
                admin.call(stub -> stub.listAgents(ListAgentsRequest.getDefaultInstance()));
        if (output.json()) {
            output.print(answer);
        } else {
            print(answer);
        }
        return 0;
    }

    private void print(ListAgentsResponse answer) {
        Table table =
                new Table("IDENTITY", "POD", "FROM", "SENT", "LOADED", "EPOCH", "CERTIFICATE", "");
        for (ConnectedAgent agent : answer.getAgentsList()) {
            table.row(
                    agent.getSpiffeId(),
                    agent.getPodName().isEmpty() ? "-" : agent.getPodName(),
                    agent.getAddress(),
                    Long.toString(agent.getSentRevision()),
                    Long.toString(agent.getAcknowledgedRevision()),
                    Long.toString(agent.getBundleEpoch()),
                    agent.hasCertificateNotAfter()
                            ? "ends "
                                    + Times.relative(
                                            Times.instant(agent.getCertificateNotAfter()),
                                            clock.instant())
                            : "-",
                    agent.getRefusal());
        }
        table.print(output.out());
    }
}
