package dev.countersign.server;

import dev.countersign.runtime.ConfigReader;
import dev.countersign.server.admission.AdmissionServer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads {@code admission}.
 *
 * <pre>{@code
 * admission:
 *   listen: 0.0.0.0:9443                                  # off without
 *   dnsNames: [countersign-webhook.countersign-system.svc]   # default: that, of the own namespace
 *   concurrent: 16                                        # reviews at once
 *   mutating: countersign-injection                       # configurations whose caBundle is kept; "" = none
 *   validating: countersign-policies
 *   guardTraffic: 24h                                     # a policy may cut nothing that flowed; off without
 * }</pre>
 */
final class AdmissionReader {
    /** What the chart calls them. */
    private static final String MUTATING = "countersign-injection";

    private static final String VALIDATING = "countersign-policies";
    private static final int MAX_NAMES = 16;
    private static final Pattern DNS_NAME =
            Pattern.compile(
                    "(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");

    private final ConfigReader reader;

    AdmissionReader(ConfigReader reader) {
        this.reader = reader;
    }

    Optional<AdmissionConfig> read() {
        Optional<InetSocketAddress> listen = reader.hostPort("admission.listen").optional();
        List<String> names = reader.strings("admission.dnsNames");
        for (String name : names) {
            if (!DNS_NAME.matcher(name).matches()) {
                reader.problem("admission.dnsNames", name, "a DNS name");
            }
        }
        if (names.size() > MAX_NAMES) {
            reader.problem("admission.dnsNames", names.size() + " names", "<= " + MAX_NAMES);
        }
        int concurrent =
                Math.toIntExact(reader.integer("admission.concurrent", 1, 256).orDefault(16L));
        Optional<String> mutating = name("admission.mutating", MUTATING);
        Optional<String> validating = name("admission.validating", VALIDATING);
        Optional<Duration> guard =
                reader.duration(
                                "admission.guardTraffic",
                                Duration.ofMinutes(1),
                                Duration.ofDays(30))
                        .optional();
        if (listen.isPresent() && !reader.has("kubernetes")) {
            reader.problem("admission.listen", "given", "none without kubernetes");
        }
        return listen.map(address ->
                new AdmissionConfig(
                        new AdmissionServer.Settings(
                                new InetSocketAddress(address.getHostString(), address.getPort()),
                                concurrent),
                        names,
                        mutating,
                        validating,
                        guard));
    }

    private Optional<String> name(String key, String standard) {
        String name =
                reader.string(key)
                        .check(
                                text -> text.isEmpty() || DNS_NAME.matcher(text).matches(),
                                "the name of a webhook configuration, or nothing")
                        .orDefault(standard);
        return name.isEmpty() ? Optional.empty() : Optional.of(name);
    }
}
