package dev.countersign.policy.parse;

import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.authentication.MtlsMode;
import dev.countersign.policy.authentication.PeerAuthentication;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads and admits one PeerAuthentication. */
final class PeerAuthenticationReader {
    private static final int MAX_PORT = 65535;

    private final ApiGroup group;
    private final Report report;
    private final Report admission;
    private final Locations locations;

    PeerAuthenticationReader(ApiGroup group, Report report, Report admission, Locations locations) {
        this.group = group;
        this.report = report;
        this.admission = admission;
        this.locations = locations;
    }

    /** As far as it can be read where something was reported. */
    PeerAuthentication read(FieldReader document) {
        Metadata metadata = Metadata.read(document);
        // Absent is as empty: it says nothing and takes everything from what is wider.
        FieldReader spec = document.object("spec");
        if (spec == null) {
            return checked(
                    new PeerAuthentication(
                            group,
                            metadata.namespace(),
                            metadata.name(),
                            Map.of(),
                            MtlsMode.UNSET,
                            Map.of()),
                    false);
        }
        PeerAuthentication one =
                new PeerAuthentication(
                        group,
                        metadata.namespace(),
                        metadata.name(),
                        new ScopeReader(report, admission, locations).selector(spec),
                        mode(spec.object("mtls")),
                        portModes(spec));
        boolean hasPorts = spec.has("portLevelMtls");
        spec.finish();
        return checked(one, hasPorts);
    }

    private Map<Integer, MtlsMode> portModes(FieldReader spec) {
        Map<Integer, MtlsMode> modes = new TreeMap<>();
        spec.objects("portLevelMtls")
                .forEach((name, mtls) -> {
                    int port = port(name);
                    if (port < 0) {
                        report.add(
                                locations.lineOf("spec.portLevelMtls." + name),
                                "spec.portLevelMtls",
                                Problem.Code.INVALID_VALUE,
                                name,
                                "a port of the workload, 1 to 65535");
                    } else {
                        modes.put(port, mode(mtls));
                    }
                });
        return modes;
    }

    private MtlsMode mode(@Nullable FieldReader mtls) {
        if (mtls == null) {
            return MtlsMode.UNSET;
        }
        String written = mtls.string("mode");
        mtls.finish();
        if (written == null) {
            return MtlsMode.UNSET;
        }
        for (MtlsMode mode : MtlsMode.values()) {
            if (mode.name().equals(written)) {
                return mode;
            }
        }
        String near =
                Suggestion.of(written, List.of("STRICT", "PERMISSIVE", "DISABLE", "UNSET"))
                        .map(word -> "did you mean " + word + "?")
                        .orElse("STRICT, PERMISSIVE, DISABLE or UNSET");
        report.add(
                locations.lineOf(mtls.pathOf("mode")),
                mtls.pathOf("mode"),
                Problem.Code.INVALID_VALUE,
                written,
                near);
        return MtlsMode.UNSET;
    }

    private PeerAuthentication checked(PeerAuthentication one, boolean hasPorts) {
        ScopeAdmission scope = new ScopeAdmission(locations, admission);
        scope.check(one.namespace(), one.name(), one.selector(), List.of());
        scope.limit("spec.portLevelMtls", one.portModes().size(), Bounds.PORT_MODES);
        if (hasPorts && one.selector().isEmpty()) {
            scope.add(
                    "spec.portLevelMtls",
                    Problem.Code.CONFLICT,
                    "ports without a selector",
                    "spec.selector.matchLabels: ports are those of certain workloads");
        }
        if (hasPorts && one.portModes().isEmpty()) {
            scope.add("spec.portLevelMtls", Problem.Code.EMPTY, "no port", "at least one port");
        }
        return one;
    }

    private static int port(String text) {
        boolean digits =
                !text.isEmpty()
                        && text.length() <= 5
                        && text.chars().allMatch(c -> c >= '0' && c <= '9');
        int port = digits && !text.startsWith("0") ? Integer.parseInt(text) : -1;
        return port > MAX_PORT ? -1 : port;
    }
}
