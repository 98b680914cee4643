package dev.countersign.server;

import dev.countersign.server.admission.AdmissionServer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The webhooks.
 *
 * @param server the port
 * @param dnsNames by which the API server calls them; empty = the Service of the chart
 * @param mutating configuration whose caBundle is kept; empty = there is none
 * @param validating configuration whose caBundle is kept; empty = there is none
 * @param guardTraffic how far back a policy may cut nothing that flowed; empty = not looked at
 */
public record AdmissionConfig(
        AdmissionServer.Settings server,
        List<String> dnsNames,
        Optional<String> mutating,
        Optional<String> validating,
        Optional<Duration> guardTraffic) {
    public AdmissionConfig {
        dnsNames = List.copyOf(dnsNames);
    }
}
