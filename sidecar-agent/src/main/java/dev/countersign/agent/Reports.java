package dev.countersign.agent;

import dev.countersign.agent.ca.ClockOffset;
import dev.countersign.agent.proxy.ProxyServer;
import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.agent.roots.RootCounter;
import dev.countersign.agent.subscription.AgentReport;
import dev.countersign.agent.subscription.AgentReport.IssuedUnder;
import dev.countersign.agent.svid.HeldSvid;
import dev.countersign.agent.svid.SvidRotator;
import dev.countersign.agent.svid.SvidStatus;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Gathers what the agent says of itself on the stream. */
record Reports(
        SvidRotator rotator,
        SvidVerifier verifier,
        ProxyServer proxy,
        RootCounter roots,
        ClockOffset offset) {
    AgentReport report() {
        SvidStatus status = rotator.status();
        List<OpenConnection.State> open = proxy.connections();
        return new AgentReport(
                status.held().map(SvidStatus.Held::serial).orElse(""),
                status.held().map(SvidStatus.Held::notAfter),
                rotator.current().map(this::issuer).orElse(IssuedUnder.NOBODY),
                open.size(),
                oldest(open),
                offset.current(),
                status.rotations(),
                Optional.of(roots.usage(byRoot(open))));
    }

    /** Whose the own leaf is under the bundle of now; after a distrust only its issuer is left. */
    private IssuedUnder issuer(HeldSvid held) {
        try {
            VerifiedPeer self = verifier.verify(held.svid().chain());
            return new IssuedUnder(self.issuerKeyId(), self.rootKeyId());
        } catch (TrustRefused e) {
            return IssuedUnder.NOBODY;
        }
    }

    private static IssuedUnder oldest(List<OpenConnection.State> open) {
        return open.stream()
                .filter(connection -> connection.issuerKeyId().isPresent())
                .min(Comparator.comparing(OpenConnection.State::since))
                .map(connection ->
                        new IssuedUnder(
                                connection.issuerKeyId().orElse(""),
                                connection.rootKeyId().orElse("")))
                .orElse(IssuedUnder.NOBODY);
    }

    private static Map<String, Long> byRoot(List<OpenConnection.State> open) {
        return open.stream()
                .flatMap(connection -> connection.rootKeyId().stream())
                .collect(Collectors.groupingBy(root -> root, Collectors.counting()));
    }
}
