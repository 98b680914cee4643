package dev.countersign.server;

import dev.countersign.identity.TrustDomain;
import dev.countersign.runtime.ConfigReader;
import dev.countersign.runtime.Setting;
import dev.countersign.server.admission.injection.InjectionSettings;
import dev.countersign.server.admission.injection.InjectionSettings.Mode;
import dev.countersign.server.admission.injection.InjectionSettings.Resources;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads {@code injection}.
 *
 * <pre>{@code
 * injection:
 *   image: registry.example/countersign-agent:0.1.0      # required
 *   caAddress: countersign.countersign-system.svc:8443   # required: the server, as pods reach it
 *   pullPolicy: IfNotPresent
 *   audience: countersign                # default: the first of attestation.audiences
 *   tokenLife: 1h
 *   trust: {configMap: countersign-trust, key: bootstrap.json}
 *   mode: redirect                       # redirect | explicit, where the pod does not say
 *   nativeSidecars: auto                 # auto | on | off
 *   default: off                         # on: pods are injected where nobody says anything
 *   rewriteProbes: true
 *   agentUid: 1337
 *   logLevel: info
 *   resources: {cpuRequest: 20m, cpuLimit: "", memoryRequest: 128Mi, memoryLimit: 256Mi}
 * }</pre>
 */
final class InjectionReader {
    private static final Pattern IMAGE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/:@-]{0,511}");
    private static final Pattern ADDRESS = Pattern.compile("[^\\s]{1,512}:[0-9]{1,5}");
    private static final Pattern QUANTITY =
            Pattern.compile("|[0-9]{1,9}(\\.[0-9]{1,3})?(m|k|M|G|Ki|Mi|Gi)?");
    private static final Pattern NAME =
            Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?");

    private enum Natives {
        AUTO,
        ON,
        OFF
    }

    private enum Standard {
        ON,
        OFF
    }

    private enum PullPolicy {
        ALWAYS("Always"),
        IFNOTPRESENT("IfNotPresent"),
        NEVER("Never");

        private final String written;

        PullPolicy(String written) {
            this.written = written;
        }
    }

    private final ConfigReader reader;
    private final TrustDomain trustDomain;
    private final String audience;

    InjectionReader(ConfigReader reader, TrustDomain trustDomain, String audience) {
        this.reader = reader;
        this.trustDomain = trustDomain;
        this.audience = audience;
    }

    Optional<InjectionConfig> read() {
        boolean given = reader.has("injection");
        Optional<String> image =
                text("injection.image", IMAGE, "an image with tag or digest").optional();
        Optional<String> ca = text("injection.caAddress", ADDRESS, "host:port").optional();
        Natives natives =
                reader.enumeration("injection.nativeSidecars", Natives.class)
                        .orDefault(Natives.AUTO);
        InjectionSettings settings = settings(image.orElse("missing"), ca.orElse("missing:1"));
        if (given && image.isEmpty()) {
            reader.problem("injection.image", "missing", "an image with tag or digest");
        }
        if (given && ca.isEmpty()) {
            reader.problem("injection.caAddress", "missing", "host:port, as pods reach the server");
        }
        if (!given && image.isEmpty() && ca.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new InjectionConfig(
                        settings,
                        switch (natives) {
                            case AUTO -> Optional.empty();
                            case ON -> Optional.of(true);
                            case OFF -> Optional.of(false);
                        }));
    }

    private InjectionSettings settings(String image, String ca) {
        return new InjectionSettings(
                CaServer.VERSION,
                image,
                reader.enumeration("injection.pullPolicy", PullPolicy.class)
                        .orDefault(PullPolicy.IFNOTPRESENT)
                        .written,
                trustDomain,
                ca,
                reader.string("injection.audience").orDefault(audience),
                reader.duration(
                                "injection.tokenLife",
                                InjectionSettings.MIN_TOKEN_LIFE,
                                InjectionSettings.MAX_TOKEN_LIFE)
                        .orDefault(Duration.ofHours(1)),
                text("injection.trust.configMap", NAME, "a ConfigMap's name")
                        .orDefault("countersign-trust"),
                text("injection.trust.key", NAME, "a ConfigMap's key").orDefault("bootstrap.json"),
                reader.enumeration("injection.mode", Mode.class).orDefault(Mode.REDIRECT),
                true,
                reader.enumeration("injection.default", Standard.class).orDefault(Standard.OFF)
                        == Standard.ON,
                reader.bool("injection.rewriteProbes").orDefault(true),
                reader.integer("injection.agentUid", 1, 0xffff_fffeL).orDefault(1337L),
                reader.string("injection.logLevel")
                        .check(
                                level -> Pattern.matches("error|warn|info|debug|trace", level),
                                "error | warn | info | debug | trace")
                        .orDefault("info"),
                new Resources(
                        quantity("cpuRequest", Resources.STANDARD.cpuRequest()),
                        quantity("cpuLimit", Resources.STANDARD.cpuLimit()),
                        quantity("memoryRequest", Resources.STANDARD.memoryRequest()),
                        quantity("memoryLimit", Resources.STANDARD.memoryLimit())));
    }

    private String quantity(String name, String standard) {
        return text("injection.resources." + name, QUANTITY, "a quantity, as 100m or 128Mi")
                .orDefault(standard);
    }

    private Setting<String> text(String key, Pattern pattern, String expectation) {
        return reader.string(key).check(text -> pattern.matcher(text).matches(), expectation);
    }
}
