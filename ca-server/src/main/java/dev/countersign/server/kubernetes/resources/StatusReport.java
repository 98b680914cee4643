package dev.countersign.server.kubernetes.resources;

import java.util.List;
import java.util.Map;

/**
 * What is to be said of one object.
 *
 * @param generation of the spec that it is about
 * @param conditions each type once
 * @param fields further ones of the kind's status: texts, numbers, lists and maps of these
 */
public record StatusReport(
        long generation, List<Condition> conditions, Map<String, Object> fields) {
    public StatusReport {
        conditions = List.copyOf(conditions);
        fields = Map.copyOf(fields);
    }
}
