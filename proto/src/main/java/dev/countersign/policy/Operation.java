package dev.countersign.policy;

import java.util.List;

/**
 * What is asked for. Fields are AND-ed, values inside a field OR-ed; an empty field does not
 * constrain.
 *
 * @param ports decimal, 0 to 65535: the port of the workload, not of a service in front of it
 */
public record Operation(
        List<String> hosts,
        List<String> notHosts,
        List<String> ports,
        List<String> notPorts,
        List<String> methods,
        List<String> notMethods,
        List<String> paths,
        List<String> notPaths) {

    public Operation {
        hosts = List.copyOf(hosts);
        notHosts = List.copyOf(notHosts);
        ports = List.copyOf(ports);
        notPorts = List.copyOf(notPorts);
        methods = List.copyOf(methods);
        notMethods = List.copyOf(notMethods);
        paths = List.copyOf(paths);
        notPaths = List.copyOf(notPaths);
    }
}
