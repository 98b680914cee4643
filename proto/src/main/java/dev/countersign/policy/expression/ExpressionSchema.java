package dev.countersign.policy.expression;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Names and types of what an expression may ask for. */
public final class ExpressionSchema {
    static final SequencedMap<String, Type> VARIABLES = new LinkedHashMap<>();

    static {
        VARIABLES.put("source.principal", Type.TEXT);
        VARIABLES.put("source.namespace", Type.TEXT);
        VARIABLES.put("source.serviceAccount", Type.TEXT);
        VARIABLES.put("source.trustDomain", Type.TEXT);
        VARIABLES.put("source.ip", Type.TEXT);
        VARIABLES.put("source.remoteIp", Type.TEXT);
        VARIABLES.put("destination.namespace", Type.TEXT);
        VARIABLES.put("destination.serviceAccount", Type.TEXT);
        VARIABLES.put("destination.labels", Type.TEXTS_BY_NAME);
        VARIABLES.put("destination.ip", Type.TEXT);
        VARIABLES.put("destination.port", Type.INTEGER);
        VARIABLES.put("request.method", Type.TEXT);
        VARIABLES.put("request.host", Type.TEXT);
        VARIABLES.put("request.path", Type.TEXT);
        VARIABLES.put("request.headers", Type.TEXTS_BY_NAME);
        VARIABLES.put("request.auth.principal", Type.TEXT);
        VARIABLES.put("request.auth.issuer", Type.TEXT);
        VARIABLES.put("request.auth.subject", Type.TEXT);
        VARIABLES.put("request.auth.presenter", Type.TEXT);
        VARIABLES.put("request.auth.audiences", Type.TEXTS);
        VARIABLES.put("request.auth.claims", Type.ANYTHING_BY_NAME);
        VARIABLES.put("connection.sni", Type.TEXT);
        VARIABLES.put("connection.mtls", Type.BOOLEAN);
    }

    private ExpressionSchema() {}

    /** Every name, in the order of the manual. */
    public static List<String> names() {
        return List.copyOf(VARIABLES.keySet());
    }

    enum Type {
        TEXT,
        INTEGER,
        BOOLEAN,
        TEXTS,
        TEXTS_BY_NAME,
        /** JSON. */
        ANYTHING_BY_NAME
    }
}
