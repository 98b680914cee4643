package dev.countersign.agent;

import dev.countersign.agent.ca.ClockOffset;
import dev.countersign.agent.proxy.ProxyServer;
import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.agent.subscription.AgentReport;
import dev.countersign.agent.svid.HeldSvid;
import dev.countersign.agent.svid.SvidRotator;
import dev.countersign.agent.svid.SvidStatus;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustRefused;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Gathers what the agent says of itself on the stream. */
record Reports(SvidRotator rotator, SvidVerifier verifier, ProxyServer proxy, ClockOffset offset) {
    AgentReport report() {
        SvidStatus status = rotator.status();
        List<OpenConnection.State> open = proxy.connections();
        return new AgentReport(
                status.held().map(SvidStatus.Held::serial).orElse(""),
                status.held().map(SvidStatus.Held::notAfter),
                rotator.current().flatMap(this::issuer).orElse(""),
                open.size(),
                open.stream()
                        .filter(connection -> connection.issuerKeyId().isPresent())
                        .min(Comparator.comparing(OpenConnection.State::since))
                        .flatMap(OpenConnection.State::issuerKeyId)
                        .orElse(""),
                offset.current(),
                status.rotations());
    }

    private Optional<String> issuer(HeldSvid held) {
        try {
            return Optional.of(verifier.verify(held.svid().chain()).issuerKeyId());
        } catch (TrustRefused e) {
            return Optional.empty();
        }
    }
}
