package dev.countersign.server.kubernetes.services;

import dev.countersign.feed.DirectoryEntry.Protocol;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.server.kubernetes.services.ServiceEntries.Name;
import dev.countersign.server.kubernetes.services.ServiceEntries.PodEndpoint;
import dev.countersign.server.kubernetes.services.ServiceEntries.Port;
import dev.countersign.server.kubernetes.services.ServiceEntries.ServiceObject;
import dev.countersign.server.kubernetes.services.ServiceEntries.SliceObject;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads Services, and EndpointSlices of {@code v1} and {@code v1beta1}. What is not as it should be is
 * left out: these objects are written by controllers, and the rest of the directory must not suffer.
 */
final class ServiceReader {
    /** Namespaces that learn of a Service, separated by commas; missing: every one. */
    static final String EXPORT_TO = "countersign.dev/export-to";

    private static final String SERVICE_NAME = "kubernetes.io/service-name";
    private static final int MAX_ADDRESSES = 64;

    private ServiceReader() {}

    static Name name(GenericKubernetesResource object) {
        return new Name(object.getMetadata().getNamespace(), object.getMetadata().getName());
    }

    static ServiceObject service(GenericKubernetesResource object) {
        Map<?, ?> spec = map(object.getAdditionalProperties().get("spec"));
        Set<InetAddress> addresses = new LinkedHashSet<>();
        address(spec.get("clusterIP")).ifPresent(addresses::add);
        list(spec.get("clusterIPs")).forEach(one -> address(one).ifPresent(addresses::add));
        List<Port> ports = new ArrayList<>();
        for (Object one : list(spec.get("ports"))) {
            port(map(one)).ifPresent(ports::add);
        }
        return new ServiceObject(
                name(object),
                addresses.stream().limit(MAX_ADDRESSES).toList(),
                ports,
                exportTo(object.getMetadata()));
    }

    /** Empty where it belongs to no Service. */
    static Optional<SliceObject> slice(GenericKubernetesResource object) {
        return serviceOf(object)
                .map(service ->
                        new SliceObject(
                                service,
                                object.getMetadata().getName(),
                                slicePorts(object),
                                endpoints(object)));
    }

    static Optional<Name> serviceOf(GenericKubernetesResource slice) {
        ObjectMeta metadata = slice.getMetadata();
        Map<String, String> labels = metadata.getLabels() == null ? Map.of() : metadata.getLabels();
        return Optional.ofNullable(labels.get(SERVICE_NAME))
                .map(service -> new Name(metadata.getNamespace(), service));
    }

    private static Set<String> exportTo(ObjectMeta metadata) {
        Map<String, String> annotations =
                metadata.getAnnotations() == null ? Map.of() : metadata.getAnnotations();
        String written = annotations.get(EXPORT_TO);
        if (written == null) {
            return Set.of();
        }
        Set<String> namespaces = new HashSet<>();
        for (String one : written.split(",", -1)) {
            if (ServiceAccountName.isNamespace(one.strip())) {
                namespaces.add(one.strip());
            }
        }
        // Said, and nothing of it can be read: for its own namespace, not for everybody.
        return namespaces.isEmpty() ? Set.of(metadata.getNamespace()) : namespaces;
    }

    private static Optional<Port> port(Map<?, ?> port) {
        boolean tcp = port.get("protocol") == null || "TCP".equals(port.get("protocol"));
        if (!tcp || !(port.get("port") instanceof Number number)) {
            return Optional.empty();
        }
        String name = text(port.get("name"));
        return Optional.of(
                new Port(name, number.intValue(), protocol(text(port.get("appProtocol")), name)));
    }

    /** {@code appProtocol} first, then the name as meshes read it: {@code http-web}, {@code tcp}. */
    private static Protocol protocol(String app, String name) {
        String said = (app.isEmpty() ? name : app).toLowerCase(Locale.ROOT);
        String word = said.contains("/") ? said.substring(said.indexOf('/') + 1) : said;
        String first = word.contains("-") ? word.substring(0, word.indexOf('-')) : word;
        return switch (first) {
            case "http", "http2", "h2c", "grpc" -> Protocol.HTTP;
            case "tcp", "tls", "https", "mysql", "mongo", "redis" -> Protocol.TCP;
            default -> Protocol.AUTO;
        };
    }

    private static Map<String, Integer> slicePorts(GenericKubernetesResource object) {
        Map<String, Integer> ports = new HashMap<>();
        for (Object one : list(object.getAdditionalProperties().get("ports"))) {
            Map<?, ?> port = map(one);
            boolean tcp = port.get("protocol") == null || "TCP".equals(port.get("protocol"));
            if (tcp && port.get("port") instanceof Number number) {
                ports.put(text(port.get("name")), number.intValue());
            }
        }
        return ports;
    }

    private static List<PodEndpoint> endpoints(GenericKubernetesResource object) {
        List<PodEndpoint> endpoints = new ArrayList<>();
        for (Object one : list(object.getAdditionalProperties().get("endpoints"))) {
            Map<?, ?> endpoint = map(one);
            Object ready = map(endpoint.get("conditions")).get("ready");
            Map<?, ?> target = map(endpoint.get("targetRef"));
            String uid = "Pod".equals(target.get("kind")) ? text(target.get("uid")) : "";
            // Those of one endpoint are fungible: the first stands for it.
            list(endpoint.get("addresses")).stream()
                    .findFirst()
                    .flatMap(ServiceReader::address)
                    .ifPresent(address ->
                            endpoints.add(
                                    new PodEndpoint(address, uid, !Boolean.FALSE.equals(ready))));
        }
        return endpoints;
    }

    private static Optional<InetAddress> address(@Nullable Object written) {
        String text = text(written);
        if (text.isEmpty() || text.equals("None")) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException notAnAddress) {
            return Optional.empty();
        }
    }

    private static String text(@Nullable Object value) {
        return value instanceof String text ? text : "";
    }

    private static Map<?, ?> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    private static List<?> list(@Nullable Object value) {
        return value instanceof List<?> list ? list : List.of();
    }
}
