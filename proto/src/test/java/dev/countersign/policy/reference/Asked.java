package dev.countersign.policy.reference;

import dev.countersign.policy.ProviderAnswers;
import dev.countersign.policy.Request;
import dev.countersign.policy.match.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request in parts that can be left out one by one, and what providers say of it. */
public record Asked(
        boolean http,
        int port,
        @Nullable String principal,
        Map<String, String> texts,
        Map<String, String> headers,
        @Nullable Map<String, ?> claims,
        Map<String, ?> metadata,
        Map<String, ProviderAnswers.Answer> answers) {

    /** The names that {@link #texts} may hold. */
    static final List<String> TEXTS =
            List.of("source", "remote", "destination", "sni", "method", "host", "path");

    public Request request() {
        Request.Builder builder = http ? Request.http() : Request.tcp();
        builder.port(port)
                .sourcePrincipal(principal)
                .sourceIp(address("source"))
                .remoteIp(address("remote"))
                .destinationIp(address("destination"))
                .sni(texts.get("sni"))
                .jwtClaims(claims)
                .metadata(metadata);
        if (http) {
            builder.method(texts.get("method")).host(texts.get("host")).path(texts.get("path"));
            headers.forEach(builder::header);
        }
        return builder.build();
    }

    public ProviderAnswers providers() {
        return name -> answers.getOrDefault(name, ProviderAnswers.Answer.UNAVAILABLE);
    }

    /** Every request that has one thing less. */
    List<Asked> smaller() {
        List<Asked> smaller = new ArrayList<>();
        if (principal != null) {
            smaller.add(new Asked(http, port, null, texts, headers, claims, metadata, answers));
        }
        texts.keySet().forEach(name -> smaller.add(withTexts(without(texts, name))));
        headers.keySet().forEach(name -> smaller.add(withHeaders(without(headers, name))));
        if (claims != null) {
            smaller.add(new Asked(http, port, principal, texts, headers, null, metadata, answers));
        }
        if (!metadata.isEmpty()) {
            smaller.add(
                    new Asked(http, port, principal, texts, headers, claims, Map.of(), answers));
        }
        return smaller;
    }

    private Asked withTexts(Map<String, String> others) {
        return new Asked(http, port, principal, others, headers, claims, metadata, answers);
    }

    private Asked withHeaders(Map<String, String> others) {
        return new Asked(http, port, principal, texts, others, claims, metadata, answers);
    }

    private @Nullable IpAddress address(String name) {
        String text = texts.get(name);
        return text == null ? null : IpAddress.parse(text);
    }

    private static <V> Map<String, V> without(Map<String, V> map, String name) {
        Map<String, V> less = new HashMap<>(map);
        less.remove(name);
        return less;
    }
}
