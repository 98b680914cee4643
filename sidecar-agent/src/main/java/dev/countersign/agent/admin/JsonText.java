package dev.countersign.agent.admin;

import dev.countersign.runtime.OpsServer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON made by hand: an agent loads no JSON library to say how it is. Knows maps, lists, numbers and
 * booleans; anything else is text.
 */
public final class JsonText {
    private JsonText() {}

    /** One line, with its end. */
    public static String page(Object value) {
        StringBuilder text = new StringBuilder();
        write(text, value);
        return text.append('\n').toString();
    }

    /** A map in this order: name, value, name, value … */
    public static Map<String, Object> ordered(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }

    private static void write(StringBuilder text, Object value) {
        switch (value) {
            case Map<?, ?> map -> {
                text.append('{');
                int start = text.length();
                map.forEach((name, member) -> {
                    text.append(text.length() == start ? "" : ",");
                    text.append(OpsServer.quote(String.valueOf(name))).append(':');
                    write(text, member);
                });
                text.append('}');
            }
            case List<?> list -> {
                text.append('[');
                for (int i = 0; i < list.size(); i++) {
                    text.append(i == 0 ? "" : ",");
                    write(text, list.get(i));
                }
                text.append(']');
            }
            case Number number -> text.append(number);
            case Boolean truth -> text.append(truth);
            default -> text.append(OpsServer.quote(value.toString()));
        }
    }
}
