package dev.countersign.server.admission.injection;

import dev.countersign.identity.MalformedIdentity;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.SpiffeId;
import dev.countersign.policy.match.IpBlock;
import dev.countersign.server.admission.injection.InjectionRefused.Reason;
import dev.countersign.server.admission.injection.InjectionSettings.Mode;
import dev.countersign.server.admission.injection.InjectionSettings.Resources;
import dev.countersign.server.admission.injection.PodOptions.Inbound;
import dev.countersign.server.admission.injection.PodOptions.Outbound;
import dev.countersign.server.admission.review.Shown;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a pod's annotations; everything that is wrong with them is said at once. */
final class PodOptionsReader {
    private static final int MAX_PORT = 0xffff;

    /** Of each list: more than anybody writes by hand. */
    private static final int MAX_ENTRIES = 64;

    private static final String PROTOCOLS = "http, tcp or auto";
    private static final String LEVELS = "error, warn, info, debug or trace";
    private static final Pattern PROTOCOL = Pattern.compile("http|tcp|auto");
    private static final Pattern LEVEL = Pattern.compile("error|warn|info|debug|trace");
    private static final Pattern QUANTITY =
            Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,3})?(m|k|M|G|Ki|Mi|Gi)?");
    private static final Pattern PORT_PROTOCOL = Pattern.compile("([0-9]{1,5})=(http|tcp|auto)");
    private static final Pattern INBOUND =
            Pattern.compile("([0-9]{1,5}):([0-9]{1,5})(?:/(http|tcp|auto))?");
    private static final Pattern OUTBOUND =
            Pattern.compile(
                    "([0-9]{1,5})=([A-Za-z0-9.-]{1,253}):([0-9]{1,5})(?:/(http|tcp|auto))?"
                            + " as ([a-z0-9-]{1,63})/([a-z0-9.-]{1,253})");
    private static final Pattern PORTS = Pattern.compile("[0-9]{1,5}(-[0-9]{1,5})?");

    private final PodView pod;
    private final InjectionSettings settings;
    private final List<String> problems = new ArrayList<>();

    private record PortProtocol(int port, String protocol) {}

    private PodOptionsReader(PodView pod, InjectionSettings settings) {
        this.pod = pod;
        this.settings = settings;
    }

    static PodOptions read(PodView pod, InjectionSettings settings) throws InjectionRefused {
        PodOptionsReader reader = new PodOptionsReader(pod, settings);
        PodOptions options = reader.options();
        if (!reader.problems.isEmpty()) {
            throw new InjectionRefused(Reason.ANNOTATION_WRONG, String.join("; ", reader.problems));
        }
        return options;
    }

    private PodOptions options() {
        Resources standard = settings.resources();
        return new PodOptions(
                mode(),
                bool(Names.NATIVE, settings.nativeSidecars()) && settings.nativeSidecars(),
                text(Names.PROTOCOL, "", matches(PROTOCOL), PROTOCOLS),
                ports(),
                list(
                        Names.INBOUND,
                        INBOUND,
                        "LISTEN:TARGET/PROTOCOL, as 15006:8080/http",
                        this::inbound),
                list(
                        Names.OUTBOUND,
                        OUTBOUND,
                        "LISTEN=HOST:PORT/PROTOCOL as NAMESPACE/SERVICEACCOUNT, as"
                                + " 18080=orders.shop:15006/http as shop/orders",
                        this::outbound),
                bool(Names.REWRITE_PROBES, settings.rewriteProbes()),
                ranges(Names.EXCLUDE_INBOUND),
                ranges(Names.EXCLUDE_OUTBOUND),
                networks(),
                text(
                        Names.UNLISTED,
                        "",
                        t -> t.equals("allow") || t.equals("deny"),
                        "allow or deny"),
                text(Names.LOG_LEVEL, settings.logLevel(), matches(LEVEL), LEVELS),
                new Resources(
                        quantity(Names.CPU_REQUEST, standard.cpuRequest()),
                        quantity(Names.CPU_LIMIT, standard.cpuLimit()),
                        quantity(Names.MEMORY_REQUEST, standard.memoryRequest()),
                        quantity(Names.MEMORY_LIMIT, standard.memoryLimit())));
    }

    private Mode mode() {
        String written =
                text(
                        Names.MODE,
                        settings.mode().name().toLowerCase(Locale.ROOT),
                        t -> t.equals("redirect") || t.equals("explicit"),
                        "redirect or explicit");
        return written.equals("explicit") ? Mode.EXPLICIT : Mode.REDIRECT;
    }

    private boolean bool(String name, boolean standard) {
        return text(
                        name,
                        Boolean.toString(standard),
                        t -> t.equals("true") || t.equals("false"),
                        "\"true\" or \"false\"")
                .equals("true");
    }

    private String quantity(String name, String standard) {
        return text(name, standard, matches(QUANTITY), "a quantity, as 100m or 128Mi");
    }

    private Map<Integer, String> ports() {
        Map<Integer, String> ports = new TreeMap<>();
        for (PortProtocol one :
                list(
                        Names.PORTS,
                        PORT_PROTOCOL,
                        "PORT=PROTOCOL, as 8080=http, 5432=tcp",
                        this::portProtocol)) {
            if (ports.putIfAbsent(one.port(), one.protocol()) != null) {
                problem(Names.PORTS, one.port() + " twice", "each port once");
            }
        }
        return ports;
    }

    private PortProtocol portProtocol(Matcher matcher) {
        return new PortProtocol(port(Names.PORTS, matcher.group(1)), matcher.group(2));
    }

    private Inbound inbound(Matcher matcher) {
        return new Inbound(
                port(Names.INBOUND, matcher.group(1)),
                port(Names.INBOUND, matcher.group(2)),
                protocol(matcher.group(3)));
    }

    private Outbound outbound(Matcher matcher) {
        String peer = "";
        try {
            peer =
                    SpiffeId.of(
                                    settings.trustDomain(),
                                    new ServiceAccountName(matcher.group(5), matcher.group(6)))
                            .toString();
        } catch (MalformedIdentity malformed) {
            problem(
                    Names.OUTBOUND,
                    matcher.group(5) + "/" + matcher.group(6),
                    "a namespace and a service account");
        }
        return new Outbound(
                port(Names.OUTBOUND, matcher.group(1)),
                matcher.group(2) + ":" + port(Names.OUTBOUND, matcher.group(3)),
                protocol(matcher.group(4)),
                peer);
    }

    private static String protocol(@Nullable String written) {
        return written == null ? "auto" : written;
    }

    private int port(String name, String text) {
        int port = Integer.parseInt(text);
        if (port < 1 || port > MAX_PORT) {
            problem(name, text, "a port, 1 to 65535");
        }
        return port;
    }

    private String ranges(String name) {
        List<String> ranges =
                list(name, PORTS, "ports and ranges, as 80,9000-9099", Matcher::group);
        for (String range : ranges) {
            List<Integer> ends =
                    List.of(range.split("-", -1)).stream().map(end -> port(name, end)).toList();
            if (ends.getFirst() > ends.getLast()) {
                problem(name, range, "the lower port first");
            }
        }
        return String.join(",", ranges);
    }

    private String networks() {
        List<String> networks =
                list(
                        Names.EXCLUDE_NETWORKS,
                        Pattern.compile("[0-9a-fA-F.:/]{2,64}"),
                        "addresses and ranges, as 10.0.0.0/8",
                        Matcher::group);
        for (String network : networks) {
            IpBlock block = IpBlock.parse(network);
            if (block == null || block.prefix() == 0) {
                problem(
                        Names.EXCLUDE_NETWORKS,
                        network,
                        "an address or range, less than everything");
            }
        }
        return String.join(",", networks);
    }

    private <T> List<T> list(
            String name, Pattern entry, String expectation, Function<Matcher, T> read) {
        List<T> entries = new ArrayList<>();
        String written = pod.annotation(name).orElse("");
        if (written.isBlank()) {
            return entries;
        }
        String[] parts = written.split(",", -1);
        if (parts.length > MAX_ENTRIES) {
            problem(name, parts.length + " entries", "at most " + MAX_ENTRIES);
            return entries;
        }
        for (String part : parts) {
            Matcher matcher = entry.matcher(part.strip());
            if (matcher.matches()) {
                entries.add(read.apply(matcher));
            } else {
                problem(name, part.strip(), expectation);
            }
        }
        return entries;
    }

    private String text(String name, String standard, Predicate<String> good, String expectation) {
        Optional<String> written = pod.annotation(name);
        if (written.isPresent() && !good.test(written.get())) {
            problem(name, written.get(), expectation);
            return standard;
        }
        return written.orElse(standard);
    }

    private static Predicate<String> matches(Pattern pattern) {
        return text -> pattern.matcher(text).matches();
    }

    private void problem(String name, String value, String expectation) {
        problems.add(
                "annotation " + name + ": " + Shown.of(value) + " (expected: " + expectation + ")");
    }
}
