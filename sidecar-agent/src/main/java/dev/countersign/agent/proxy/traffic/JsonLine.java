package dev.countersign.agent.proxy.traffic;

import dev.countersign.runtime.OpsServer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes one JSON object, a member after the other; what is null or empty is left out. */
final class JsonLine {
    private final StringBuilder text = new StringBuilder(320).append('{');

    JsonLine text(String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            name(name).append(OpsServer.quote(value));
        }
        return this;
    }

    JsonLine number(String name, long value) {
        name(name).append(value);
        return this;
    }

    JsonLine texts(String name, List<String> values) {
        if (!values.isEmpty()) {
            name(name).append('[');
            for (int i = 0; i < values.size(); i++) {
                text.append(i == 0 ? "" : ",").append(OpsServer.quote(values.get(i)));
            }
            text.append(']');
        }
        return this;
    }

    String end() {
        return text.append('}').toString();
    }

    private StringBuilder name(String name) {
        return text.append(text.length() == 1 ? "\"" : ",\"").append(name).append("\":");
    }
}
