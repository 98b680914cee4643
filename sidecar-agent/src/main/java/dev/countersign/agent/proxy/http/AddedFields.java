package dev.countersign.agent.proxy.http;

import dev.countersign.agent.provider.HeaderField;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Fields that the agent adds to a request it lets in. Immutable; made once for many requests. */
public final class AddedFields {
    public static final AddedFields NONE = new AddedFields(List.of());

    private final List<HeaderField> fields;
    private final byte[] lines;

    private AddedFields(List<HeaderField> fields) {
        this.fields = List.copyOf(fields);
        StringBuilder text = new StringBuilder();
        fields.forEach(
                one -> text.append(one.name()).append(": ").append(one.value()).append("\r\n"));
        lines = text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    public static AddedFields of(List<HeaderField> fields) {
        return fields.isEmpty() ? NONE : new AddedFields(fields);
    }

    /** These, and then the others. */
    public AddedFields and(List<HeaderField> others) {
        if (others.isEmpty()) {
            return this;
        }
        List<HeaderField> all = new ArrayList<>(fields);
        all.addAll(others);
        return new AddedFields(all);
    }

    /** In order; names in lower case. */
    public List<HeaderField> fields() {
        return fields;
    }

    /** As lines of HTTP/1, each with its CRLF. Not to be changed. */
    byte[] lines() {
        return lines;
    }
}
